import { Router } from 'express';
import { route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { trigger } from './trigger.ts';
import { triggerMany } from './triggerMany.ts';

/** How runs begin. */
export function triggerRoutes(room: Room): Router {
  const router = Router();
  route(router, '/v1/jobs/:job/trigger', {
    post: ['jobs:trigger', (request, response) => trigger(room, request, response)],
  });
  route(router, '/v1/jobs/:job/trigger/bulk', {
    post: ['jobs:trigger', (request, response) => triggerMany(room, request, response)],
  });
  return router;
}
