import { Router } from 'express';
import { pathPart, route } from '../../http/route.ts';
import type { Live } from './live.ts';

/** The event streams; the websocket comes in by the server's `upgrade`. */
export function liveRoutes(live: Live): Router {
  const router = Router();
  route(router, '/events', { get: (request, response) => live.streamRuns(request, response) });
  route(router, '/jobs/:id/stream', {
    get: (request, response) => live.streamRun(request, response, pathPart(request, 'id')),
  });
  return router;
}
