import type { Request, RequestHandler, Response, Router } from 'express';
import { Problem } from '../words/problems.ts';
import { mayDo, type Scope } from '../words/scopes.ts';
import { takeTrigger } from './allowance.ts';
import { identityOf } from './identity.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Handler = (request: Request, response: Response) => Promise<void> | void;

/** Who may: whoever has the scope, everybody, or who proves a right of its own (a signature, a run's token). */
export type Rule = Scope | 'public' | 'signed';

export interface Registered {
  method: Method;
  path: string;
  rule: Rule;
}

const registered = new WeakMap<Router, Registered[]>();

/**
 * The handlers of one path, each behind its rule. Any other method is a 405 that says in Allow what there is. There is
 * no other way to a route, so nothing is open that nobody said a rule for.
 */
export function route(
  router: Router,
  path: string,
  handlers: Partial<Record<Method, readonly [rule: Rule, handler: Handler]>>,
): void {
  const one = router.route(path);
  const methods = Object.keys(handlers) as Method[];
  for (const method of methods) {
    const [rule, handler] = handlers[method] ?? [];
    if (!rule || !handler) continue;
    one[method](guarded(rule, handler));
    note(router, { method, path, rule });
  }
  const allow = methods
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .join(', ');
  one.all((request, response) => {
    response.set('Allow', allow);
    throw new Problem('method_not_allowed', `${request.method} is not known here: use ${allow}`);
  });
}

/** Everything that `route` put on a router, in its order. */
export function routesOf(router: Router): readonly Registered[] {
  return registered.get(router) ?? [];
}

/** A named part of the path. */
export function pathPart(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value !== 'string') throw new Error(`the route has no part named ${name}`);
  return value;
}

/** The query as it was sent, so that repeated keys keep their order. */
export function queryOf(request: Request): URLSearchParams {
  const mark = request.originalUrl.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
}

function note(router: Router, one: Registered): void {
  registered.set(router, [...routesOf(router), one]);
}

function guarded(rule: Rule, handler: Handler): RequestHandler {
  if (rule === 'public' || rule === 'signed') return handler as RequestHandler;
  return (async (request, response) => {
    if (!mayDo(identityOf(response), rule))
      throw new Problem('forbidden', `insufficient permissions: requires ${rule}`);
    if (rule === 'jobs:trigger') await takeTrigger(response);
    await handler(request, response);
  }) as RequestHandler;
}
