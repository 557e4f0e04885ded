import { type Request, type Response, Router } from 'express';
import { takeTrigger } from '../../../http/allowance.ts';
import { identityOf } from '../../../http/identity.ts';
import { route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { bodyObject, integerField } from '../body.ts';
import { jobDetails } from '../jobs/details.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { visibleRun } from '../jobs/find.ts';
import { sendPage } from '../paging/sendPage.ts';
import { jobDetail } from '../present/job.ts';
import { notFound } from '../problems.ts';
import { createJob } from './newJob.ts';
import { canRequeue, requeue, requeueOne } from './requeue.ts';
import { sendQueueStatus } from './status.ts';

/** `/queue/`: new runs, and what waits. */
export function queueRoutes(room: Room, show: ShowExecutions): Router {
  const router = Router();
  route(router, '/v3/queue/new-job/', {
    post: ['jobs:trigger', (request, response) => createJob(room, show, request, response)],
  });
  route(router, '/v3/queue/requeue-jobs/', {
    post: ['runs:write', (request, response) => requeueJobs(room, request, response)],
  });
  route(router, '/v3/queue/requeue-job/', {
    post: ['runs:write', (request, response) => requeueJob(room, show, request, response)],
  });
  route(router, '/v3/queue/status/', {
    get: ['runs:read', (request, response) => sendQueueStatus(room, request, response)],
  });
  return router;
}

/** The new jobs, the newest first. */
async function requeueJobs(room: Room, request: Request, response: Response): Promise<void> {
  const keys = (await requeue(room, bodyObject(request), response)).map(({ key }) => key);
  if (keys.length === 0) throw notFound();
  await sendPage(request, response, {
    count: keys.length,
    async results(offset, limit) {
      const order = [{ field: 'key', descending: true }] as const;
      const made = await room.store.read.listedRuns({ keys }, order, { offset, limit });
      return made.map(jobDetail);
    },
  });
}

/** The older form, for one job. */
async function requeueJob(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const key = integerField(bodyObject(request), 'job_id');
  const listed = await visibleRun(room, key, identityOf(response));
  if (!listed) throw notFound();
  if (!canRequeue(listed.run)) {
    response.status(409).json('Job must be in the CANCELED or FAILED state for requeue');
    return;
  }
  await takeTrigger(response);
  const { key: made } = await requeueOne(room, listed.run, response);
  const again = await room.store.read.listedRun(made);
  if (!again) throw notFound();
  response.json(await jobDetails(room, again, show));
}
