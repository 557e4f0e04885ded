import type { RequestHandler } from 'express';
import type { Meters } from '../room/meters/meters.ts';

/** Of files of the page, and of paths that nobody knows. */
const noRoute = 'none';

/** Counts how requests were answered, by the pattern of the route and not by the path. */
export function requestTimes(meters: Pick<Meters, 'request'>): RequestHandler {
  return (request, response, next) => {
    const begunAt = performance.now();
    response.once('close', () => {
      const { route } = request as { route?: { path?: unknown } };
      const path = typeof route?.path === 'string' ? route.path : noRoute;
      meters.request(request.method, path, response.statusCode, (performance.now() - begunAt) / 1000);
    });
    next();
  };
}
