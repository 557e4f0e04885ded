import type { Request, Response } from 'express';
import { Router } from 'express';
import { bodyOf } from '../../http/body.ts';
import { pathPart, queryOf, route } from '../../http/route.ts';
import { cancel } from '../../room/cancel.ts';
import { ended } from '../../room/ended.ts';
import type { Room } from '../../room/room.ts';
import { submit } from '../../room/submit.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { isUuid } from '../../words/uuid7.ts';
import { sendList } from './sendList.ts';
import { sendLines, sendLog, sendTail } from './log.ts';
import { parseJobRequest } from './parse.ts';
import { attemptJson, jobJson } from './present.ts';

/** The docker-builder interface: `/jobs`, and `/docker-build` as its older name for making one. */
export function jobsDoor(room: Room): Router {
  const router = Router();
  route(router, '/docker-build', { post: (request, response) => createJob(room, request, response) });
  route(router, '/jobs', {
    get: (request, response) => sendList(room, request, response),
    post: (request, response) => createJob(room, request, response),
  });
  route(router, '/jobs/:id', {
    get: async (request, response) => void response.json(jobJson(await findRun(room, request))),
    delete: async (request, response) => {
      const { id } = await findRun(room, request);
      response.status(202).json(jobJson(await cancel(room, id)));
    },
  });
  route(router, '/jobs/:id/attempts', {
    get: async (request, response) => {
      const attempts = await room.store.read.attempts((await findRun(room, request)).id);
      response.json(attempts.map(attemptJson));
    },
  });
  route(router, '/jobs/:id/tail', {
    get: async (request, response) =>
      sendTail(room, await findRun(room, request), queryOf(request), response),
  });
  route(router, '/jobs/:id/log', {
    get: async (request, response) => sendLog(room, await findRun(room, request), response),
  });
  route(router, '/jobs/:id/lines', {
    get: async (request, response) =>
      sendLines(room, await findRun(room, request), queryOf(request), response),
  });
  return router;
}

async function createJob(room: Room, request: Request, response: Response): Promise<void> {
  const wanted = parseJobRequest(bodyOf(request));
  const { run } = await submit(room, wanted);
  response.location(`/jobs/${run.id}`);
  if (!wanted.sync) {
    response.status(202).json(jobJson(run));
    return;
  }
  const last = await ended(room, run);
  response.status(last.state === 'completed' ? 201 : 417).json(jobJson(last));
}

async function findRun(room: Room, request: Request): Promise<Run> {
  const id = pathPart(request, 'id');
  const run = isUuid(id) ? await room.store.read.run(id) : undefined;
  if (!run) throw new Problem('not_found', `there is no job ${id}`);
  return run;
}
