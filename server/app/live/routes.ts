import { Router } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart, route } from '../../http/route.ts';
import type { Live } from './live.ts';

/** The event streams; the websocket comes in by the server's `upgrade`. */
export function liveRoutes(live: Live): Router {
  const router = Router();
  route(router, '/events', {
    get: ['runs:read', (request, response) => live.streamRuns(request, response, identityOf(response))],
  });
  route(router, '/jobs/:id/stream', {
    get: [
      'runs:read',
      (request, response) =>
        live.streamRun(request, response, { runId: pathPart(request, 'id'), identity: identityOf(response) }),
    ],
  });
  return router;
}
