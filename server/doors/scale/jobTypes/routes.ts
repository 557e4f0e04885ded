import { type Request, type Response, Router } from 'express';
import { type Handler, route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { sendSystemFailures } from './failures.ts';
import { sendJobTypes } from './list.ts';
import { changeJobType, sendJobType } from './one.ts';
import { sendRunning } from './running.ts';
import { sendJobTypesStatus } from './status.ts';

/** `/job-types/`: jobs. They are made and changed at `/v1/jobs`. */
export function jobTypeRoutes(room: Room): Router {
  const router = Router();
  const on =
    (work: (room: Room, request: Request, response: Response) => Promise<void>): Handler =>
    (request, response) =>
      work(room, request, response);
  route(router, '/v3/job-types/', { get: ['jobs:read', on(sendJobTypes)] });
  route(router, '/v3/job-types/status/', { get: ['jobs:read', on(sendJobTypesStatus)] });
  route(router, '/v3/job-types/running/', { get: ['jobs:read', on(sendRunning)] });
  route(router, '/v3/job-types/system-failures/', { get: ['jobs:read', on(sendSystemFailures)] });
  route(router, '/v3/job-types/:jobType/', {
    get: ['jobs:read', on(sendJobType)],
    patch: ['jobs:write', on(changeJobType)],
  });
  return router;
}
