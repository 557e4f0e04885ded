import { Router } from 'express';
import { route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { ofAll } from '../nodes/find.ts';
import { changeScheduler, sendScheduler } from './scheduler.ts';
import { sendStatus } from './status.ts';

/** The version of the interface that is spoken: clients ask for it to know what they may ask for. */
const version = '3.0.0';

/** `/status/`, `/scheduler/` and `/version/`. */
export function statusRoutes(room: Room): Router {
  const router = Router();
  route(router, '/v3/status/', {
    get: ['stats:read', ofAll((request, response) => sendStatus(room, request, response))],
  });
  route(router, '/v3/scheduler/', {
    get: ['stats:read', ofAll((request, response) => sendScheduler(room, request, response))],
    patch: ['admin', ofAll((request, response) => changeScheduler(room, request, response))],
  });
  route(router, '/v3/version/', { get: ['runs:read', (_, response) => void response.json({ version })] });
  return router;
}
