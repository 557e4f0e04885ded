import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Express, Router } from 'express';
import { type AccessRules, type Caller, isAdmitted, refuseForeign } from './app/access.ts';
import { createApp } from './app/app.ts';
import { type Live, openLive } from './app/live/live.ts';
import { liveRoutes } from './app/live/routes.ts';
import { createSessions } from './app/session.ts';
import type { Environment } from './config/environment.ts';
import { isLoopback } from './config/loopback.ts';
import { githubDoor } from './doors/github/door.ts';
import { jobsDoor } from './doors/jobs/door.ts';
import { jobJson, jobSummaryJson } from './doors/jobs/present.ts';
import { statusOf } from './doors/jobs/statuses.ts';
import { travisDoor } from './doors/travis/door.ts';
import type { Room } from './room/room.ts';
import { loadSecretKey } from './words/seal.ts';
import { Problem } from './words/problems.ts';

const pageFolder = fileURLToPath(new URL('../public', import.meta.url));

/** Everything that speaks HTTP: the doors, the live readers, the page, and who may come in. */
export function openWeb(room: Room, environment: Environment, data: string): { app: Express; live: Live } {
  const rules = accessRules(environment, data);
  const live = openLive({
    ...room,
    store: room.store.read,
    status: statusOf,
    present: jobSummaryJson,
    admit: (request) => admit(request, rules),
  });
  const doors = [liveRoutes(live), jobsDoor(room)];
  return {
    app: createApp({ room, rules, webhooks: webhooks(room, rules, environment), doors, pageFolder }),
    live,
  };
}

function webhooks(room: Room, rules: AccessRules, { github, travis, listen }: Environment): Router[] {
  // Who need not sign has shown no credential either, whatever is set for others.
  const open = { ...rules, credentials: { basic: undefined, token: undefined } };
  const common = {
    mustSign: !isLoopback(listen),
    refuseForeign: (request: IncomingMessage) => refuseForeign(callerOf(request), open),
    present: jobJson,
  };
  return [
    ...(github.on ? [githubDoor(room, { ...common, secret: github.secret })] : []),
    ...(travis.on ? [travisDoor(room, { ...common, secret: travis.token })] : []),
  ];
}

function accessRules({ basic, token, publicUrl, secretKey }: Environment, data: string): AccessRules {
  const key = createHash('sha256').update(loadSecretKey(data, secretKey));
  const sessionKey = key.update(JSON.stringify([basic, token])).digest('hex');
  return { credentials: { basic, token }, sessions: createSessions(sessionKey, Date.now), publicUrl };
}

/** A websocket's request is held to what every other request is. */
function admit(request: IncomingMessage, rules: AccessRules): void {
  const caller = callerOf(request);
  refuseForeign(caller, rules);
  if (!isAdmitted(caller, rules)) throw new Problem('unauthorized', 'log in, or send the token as Bearer');
}

function callerOf({ method = 'GET', headers }: IncomingMessage): Caller {
  return { method, headers };
}
