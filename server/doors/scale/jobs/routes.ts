import { type Request, type Response, Router } from 'express';
import { type Handler, route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ListedRun } from '../../../store/contract/executions.ts';
import { jobDetail } from '../present/job.ts';
import { notFound } from '../problems.ts';
import { cancelJob } from './change.ts';
import { jobDetails } from './details.ts';
import { newestExecutions, type ShowExecutions, withReferences } from './executions.ts';
import { findRun } from './find.ts';
import { sendJobs, type ShowRuns } from './list.ts';

/** `/jobs/`: runs. */
export function jobRoutes(room: Room, show: ShowExecutions): Router {
  const router = Router();
  const list =
    (present: ShowRuns): Handler =>
    (request, response) =>
      sendJobs(room, request, response, present);
  route(router, '/v3/jobs/', { get: ['runs:read', list(asJobs)] });
  route(router, '/v3/jobs/updates/', { get: ['runs:read', list(asUpdates)] });
  route(router, '/v3/jobs/executions/', { get: ['runs:read', list(withNewest(show))] });
  route(router, '/v3/jobs/:runKey/', {
    get: ['runs:read', (request, response) => sendJob(room, show, request, response)],
    patch: ['runs:write', (request, response) => stopJob(room, show, request, response)],
  });
  return router;
}

function asJobs(_room: Room, runs: readonly ListedRun[]): object[] {
  return runs.map(jobDetail);
}

function asUpdates(_room: Room, runs: readonly ListedRun[]): object[] {
  return runs.map((run) => ({ ...jobDetail(run), input_files: [] }));
}

function withNewest(show: ShowExecutions): ShowRuns {
  return async (room, runs) => {
    const newest = await newestExecutions(
      room,
      runs.map(({ run }) => run),
    );
    const shown = await show(newest.filter((execution) => execution !== null));
    const texts = shown.values();
    return runs.map((run, index) => ({
      ...jobDetail(run),
      latest_job_exe: newest[index] ? withReferences(texts.next().value ?? {}) : null,
    }));
  };
}

async function sendJob(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  response.json(await jobDetails(room, await findRun(room, request, response), show));
}

async function stopJob(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const changed = await room.store.read.listedRun(await cancelJob(room, request, response));
  if (!changed) throw notFound();
  response.json(await jobDetails(room, changed, show));
}
