import type { Request, Response } from 'express';
import { Router } from 'express';
import { given } from '../../../builder/model/given.ts';
import { bodyOf } from '../../http/body.ts';
import { idempotencyKeyIn } from '../../http/idempotency.ts';
import { identityOf } from '../../http/identity.ts';
import { type Handler, pathPart, queryOf, route } from '../../http/route.ts';
import { cancel } from '../../room/cancel.ts';
import { ended } from '../../room/ended.ts';
import type { Room } from '../../room/room.ts';
import { submit } from '../../room/submit/submit.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { authorOf, sees } from '../../words/scopes.ts';
import { isUuid } from '../../words/uuid7.ts';
import { sendList } from './sendList.ts';
import { sendLines, sendLog, sendTail } from './log.ts';
import { type JobRequest, parseJobRequest } from './parse.ts';
import { attemptJson, jobJson } from './present.ts';

/** The docker-builder interface: `/jobs`, and `/docker-build` as its older name for making one. */
export function jobsDoor(room: Room): Router {
  const router = Router();
  const ofRun =
    (send: (run: Run, request: Request, response: Response) => Promise<void> | void): Handler =>
    async (request, response) =>
      send(await findRun(room, request, response), request, response);
  const create: Handler = (request, response) => createJob(room, request, response);

  route(router, '/docker-build', { post: ['jobs:trigger', create] });
  route(router, '/jobs', {
    get: ['runs:read', (request, response) => sendList(room, request, response)],
    post: ['jobs:trigger', create],
  });
  route(router, '/jobs/:id', {
    get: ['runs:read', ofRun((run, _request, response) => void response.json(jobJson(run)))],
    delete: ['runs:write', ofRun((run, _request, response) => cancelJob(room, run, response))],
  });
  route(router, '/jobs/:id/attempts', {
    get: ['runs:read', ofRun((run, _request, response) => sendAttempts(room, run, response))],
  });
  route(router, '/jobs/:id/tail', {
    get: ['runs:read', ofRun((run, request, response) => sendTail(room, run, queryOf(request), response))],
  });
  route(router, '/jobs/:id/log', {
    get: ['runs:read', ofRun((run, _request, response) => sendLog(room, run, response))],
  });
  route(router, '/jobs/:id/lines', {
    get: ['runs:read', ofRun((run, request, response) => sendLines(room, run, queryOf(request), response))],
  });
  return router;
}

async function cancelJob(room: Room, { id }: Run, response: Response): Promise<void> {
  response.status(202).json(jobJson(await cancel(room, id)));
}

async function sendAttempts(room: Room, { id }: Run, response: Response): Promise<void> {
  response.json((await room.store.read.attempts(id)).map(attemptJson));
}

async function createJob(room: Room, request: Request, response: Response): Promise<void> {
  const wanted = parseJobRequest(bodyOf(request));
  const identity = identityOf(response);
  const { project } = wanted.job;
  if (!sees(identity, project))
    throw new Problem('forbidden', `this key cannot build for ${project}: it is of another project`);
  const createdBy = authorOf(identity) ?? undefined;
  const idempotencyKey = idempotencyKeyIn(request);
  const { outcome, run } = await submit(room, { ...wanted, ...given({ createdBy, idempotencyKey }) });
  if (outcome === 'idempotent') refuseOther(run, wanted);
  response.location(`/jobs/${run.id}`);
  if (!wanted.sync) {
    response.status(202).json(jobJson(run));
    return;
  }
  const last = await ended(room, run);
  response.status(last.state === 'completed' ? 201 : 417).json(jobJson(last));
}

/** A key that names another request is a mistake of whoever asks: what was asked for now must not be lost silently. */
function refuseOther({ id, ref, request }: Run, { ref: wantedRef, request: wanted }: JobRequest): void {
  if (ref === wantedRef && request.depth === wanted?.depth && request.bobfile === wanted?.bobfile) return;
  throw new Problem(
    'conflict',
    `the idempotency key is that of job ${id}, which has not ended and was asked for otherwise (ref ${ref}): send another key`,
  );
}

/** Another project's job is not there for a key of this one. */
async function findRun(room: Room, request: Request, response: Response): Promise<Run> {
  const id = pathPart(request, 'id');
  const run = isUuid(id) ? await room.store.read.run(id) : undefined;
  if (!run || !sees(identityOf(response), run.project))
    throw new Problem('not_found', `there is no job ${id}`);
  return run;
}
