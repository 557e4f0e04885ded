import { Router } from 'express';
import type { Request, Response } from 'express';
import { type Handler, route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { createJobs, switchJobs } from './batch.ts';
import { createDependency, deleteDependency, sendDependencies } from './dependencies.ts';
import { sendJobs, sendVersions } from './list.ts';
import {
  changeOneJob,
  cloneOneJob,
  createOneJob,
  deleteOneJob,
  pauseOneJob,
  sendHealth,
  sendOneJob,
  sendVersion,
} from './one.ts';

/** `/v1/jobs`: the definitions. */
export function jobRoutes(room: Room): Router {
  const router = Router();
  const on =
    (work: (room: Room, request: Request, response: Response) => Promise<void>): Handler =>
    (request, response) =>
      work(room, request, response);
  const enable = (enabled: boolean): Handler => on((...all) => switchJobs(...all, enabled));
  const pause = (paused: boolean): Handler => on((...all) => pauseOneJob(...all, paused));

  route(router, '/v1/jobs', { get: ['jobs:read', on(sendJobs)], post: ['jobs:write', on(createOneJob)] });
  route(router, '/v1/jobs/batch', { post: ['jobs:write', on(createJobs)] });
  route(router, '/v1/jobs/batch-enable', { post: ['jobs:write', enable(true)] });
  route(router, '/v1/jobs/batch-disable', { post: ['jobs:write', enable(false)] });
  route(router, '/v1/jobs/:job', {
    get: ['jobs:read', on(sendOneJob)],
    patch: ['jobs:write', on(changeOneJob)],
    delete: ['jobs:write', on(deleteOneJob)],
  });
  route(router, '/v1/jobs/:job/pause', { post: ['jobs:write', pause(true)] });
  route(router, '/v1/jobs/:job/resume', { post: ['jobs:write', pause(false)] });
  route(router, '/v1/jobs/:job/clone', { post: ['jobs:write', on(cloneOneJob)] });
  route(router, '/v1/jobs/:job/health', { get: ['jobs:read', on(sendHealth)] });
  route(router, '/v1/jobs/:job/versions', { get: ['jobs:read', on(sendVersions)] });
  route(router, '/v1/jobs/:job/versions/:version', { get: ['jobs:read', on(sendVersion)] });
  route(router, '/v1/jobs/:job/dependencies', {
    get: ['jobs:read', on(sendDependencies)],
    post: ['jobs:write', on(createDependency)],
  });
  route(router, '/v1/jobs/:job/dependencies/:dependency', { delete: ['jobs:write', on(deleteDependency)] });
  return router;
}
