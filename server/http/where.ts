import type { RequestHandler, Router } from 'express';
import { routesOf } from './route.ts';

const behind = new WeakMap<RequestHandler, Router>();

/**
 * Asks a router only where one of its routes begins as the path does. To hear from all the others that it is none of
 * theirs takes as long as everything else before the route.
 */
export function whereItBegins(router: Router): RequestHandler {
  const beginnings = [...new Set(routesOf(router).map(({ path }) => beginningOf(path)))];
  const asking: RequestHandler = (request, response, next) => {
    // A router does not look at the case of a path either.
    const path = request.path.toLowerCase();
    if (beginnings.some((beginning) => isBelow(path, beginning))) void router(request, response, next);
    else next();
  };
  behind.set(asking, router);
  return asking;
}

/** The router that a handler of `whereItBegins` asks. */
export function routerBehind(handler: RequestHandler): Router | undefined {
  return behind.get(handler);
}

/** What every path of the route has in front: all up to its first part with a name. */
function beginningOf(path: string): string {
  const [fixed = ''] = path.split(/\/[^/]*[:*{]/, 1);
  return fixed.toLowerCase();
}

function isBelow(path: string, beginning: string): boolean {
  return path.startsWith(beginning) && (path.length === beginning.length || path[beginning.length] === '/');
}
