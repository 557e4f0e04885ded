import { type Request, type Response, Router } from 'express';
import { type Handler, route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ListedRun } from '../../../store/contract/executions.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { findRun } from '../jobs/find.ts';
import { sendJobs } from '../jobs/list.ts';
import { sendPage } from '../paging/sendPage.ts';
import { productsOf } from '../present/results.ts';
import { sendJobExecution, sendJobExecutions } from './executions.ts';
import { jobDetailsV6, jobsJsonV6 } from './job.ts';
import { cancelJobs, requeueMany } from './many.ts';

/** What the pages of version 6 ask for beside the logs: jobs and their executions. */
export function v6Routes(room: Room, show: ShowExecutions): Router {
  const router = Router();
  const on =
    (work: (room: Room, request: Request, response: Response) => Promise<void>): Handler =>
    (request, response) =>
      work(room, request, response);
  route(router, '/v6/jobs/', { get: ['runs:read', on((...all) => sendJobs(...all, jobsJsonV6))] });
  route(router, '/v6/jobs/cancel/', { post: ['runs:write', on(cancelJobs)] });
  route(router, '/v6/jobs/requeue/', { post: ['runs:write', on(requeueMany)] });
  route(router, '/v6/jobs/:runKey/', {
    get: [
      'runs:read',
      async (request, response) => {
        response.json(await jobDetailsV6(room, await findRun(room, request, response), show));
      },
    ],
  });
  route(router, '/v6/jobs/:runKey/executions/', { get: ['runs:read', on(sendJobExecutions)] });
  route(router, '/v6/jobs/:runKey/executions/:number/', { get: ['runs:read', on(sendJobExecution)] });
  route(router, '/v6/jobs/:runKey/input_files/', { get: ['runs:read', on(sendFiles(() => []))] });
  route(router, '/v6/jobs/:runKey/output_files/', {
    get: ['runs:read', on(sendFiles(({ run }) => productsOf(run)))],
  });
  return router;
}

function sendFiles(filesOf: (listed: ListedRun) => readonly object[]) {
  return async (room: Room, request: Request, response: Response): Promise<void> => {
    const files = filesOf(await findRun(room, request, response));
    await sendPage(request, response, {
      count: files.length,
      results: async (offset, limit) => files.slice(offset, offset + limit),
    });
  };
}
