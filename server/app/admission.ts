import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { setIdentity } from '../http/identity.ts';
import { Problem } from '../words/problems.ts';
import { type Identity, mayDo } from '../words/scopes.ts';
import { type AccessRules, type Caller, identify, isOpen, refuseForeign } from './access.ts';

/** Before everything but webhooks: no foreign page, no foreign name. */
export function foreignRefused(rules: AccessRules): RequestHandler {
  return async (request, _response, next) => {
    refuseForeign(callerOf(request), rules.publicUrl, await isOpen(rules));
    next();
  };
}

/** Before every route that asks for a scope: it must be known who asks, and a key may not ask too often. */
export function admission(rules: AccessRules): RequestHandler {
  return async (request, response, next) => {
    const guest = rules.guestOf?.(request);
    const identity =
      guest && (await isStranger(request, rules)) ? guest : await identify(callerOf(request), rules);
    await rules.limits.countRequest(identity, response);
    setIdentity(response, identity);
    next();
  };
}

/** Whether somebody shows no credential where one is asked for. */
async function isStranger({ headers }: IncomingMessage, rules: AccessRules): Promise<boolean> {
  const showsOne =
    headers.authorization !== undefined || rules.sessions.subjectOf(headers.cookie) !== undefined;
  return !showsOne && !(await isOpen(rules));
}

/** A websocket's request is held to what every other request for a log is. Throws a Problem. */
export async function admitWebsocket(request: IncomingMessage, rules: AccessRules): Promise<Identity> {
  const caller = callerOf(request);
  refuseForeign(caller, rules.publicUrl, await isOpen(rules));
  const identity = await identify(caller, rules);
  await rules.limits.countRequest(identity, undefined);
  if (!mayDo(identity, 'runs:read'))
    throw new Problem('forbidden', 'insufficient permissions: requires runs:read');
  return identity;
}

export function callerOf({ method = 'GET', headers, socket }: IncomingMessage): Caller {
  return { method, headers, address: socket.remoteAddress };
}
