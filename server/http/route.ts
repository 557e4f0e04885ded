import type { Request, RequestHandler, Response, Router } from 'express';
import { Problem } from '../words/problems.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Handler = (request: Request, response: Response) => Promise<void> | void;

/** The handlers of one path. Any other method is a 405 that says in Allow what there is. */
export function route(router: Router, path: string, handlers: Partial<Record<Method, Handler>>): void {
  const one = router.route(path);
  const methods = Object.keys(handlers) as Method[];
  for (const method of methods) {
    const handler = handlers[method];
    if (handler) one[method](handler as RequestHandler);
  }
  const allow = methods
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .join(', ');
  one.all((request, response) => {
    response.set('Allow', allow);
    throw new Problem('method_not_allowed', `${request.method} is not known here: use ${allow}`);
  });
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
