import type { RequestHandler, Router } from 'express';
import { routesOf } from './route.ts';

const behind = new WeakMap<RequestHandler, readonly Router[]>();

/**
 * Asks routers one after another, and each only where one of its routes begins as the path does. To hear from all the others
 * that it is none of theirs takes as long as everything else before the route.
 */
export function whereItBegins(...routers: readonly Router[]): RequestHandler {
  const beginnings = routers.map((router) => [
    ...new Set(routesOf(router).map(({ path }) => beginningOf(path))),
  ]);
  const asking: RequestHandler = (request, response, next) => {
    // A router does not look at the case of a path either.
    const path = request.path.toLowerCase();
    const askFrom = (first: number): void => {
      for (let index = first; index < routers.length; index++)
        if (beginnings[index]?.some((beginning) => isBelow(path, beginning))) {
          const goOn = (error?: unknown): void => (error == null ? askFrom(index + 1) : next(error));
          return void routers[index]?.(request, response, goOn);
        }
      next();
    };
    askFrom(0);
  };
  behind.set(asking, routers);
  return asking;
}

/** The routers that a handler of `whereItBegins` asks. */
export function routersBehind(handler: RequestHandler): readonly Router[] {
  return behind.get(handler) ?? [];
}

/** What every path of the route has in front: all up to its first part with a name. */
function beginningOf(path: string): string {
  const [fixed = ''] = path.split(/\/[^/]*[:*{]/, 1);
  return fixed.toLowerCase();
}

function isBelow(path: string, beginning: string): boolean {
  return path.startsWith(beginning) && (path.length === beginning.length || path[beginning.length] === '/');
}
