import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { problemJson } from '../../../http/problemJson.ts';
import { prepareJob, storeJob } from '../../../room/jobs/create.ts';
import { setEnabled } from '../../../room/jobs/flags.ts';
import type { Room } from '../../../room/room.ts';
import { Problem } from '../../../words/problems.ts';
import { type Identity, sees } from '../../../words/scopes.ts';
import { isUuid } from '../../../words/uuid7.ts';
import { bodyObject, bodyValue, checked, objectOf } from '../body.ts';
import { jobJson } from '../present/job.ts';
import { jobIdsBody } from '../schemas/jobRequests.ts';
import { newJobOf } from './newJob.ts';

const mostAtOnce = 50;

/** `POST /v1/jobs/batch`: each item for itself. 400 where not one could be made. */
export async function createJobs(room: Room, request: Request, response: Response): Promise<void> {
  const body = bodyValue(request);
  const items = itemsOf(body);
  const identity = identityOf(response);
  // Side by side, because looking up a host may take its time; the writes begin in the order of the items.
  const prepared = await Promise.all(
    items.map((item) => orProblem(async () => prepareJob(room, newJobOf(objectOf(item), identity)))),
  );
  const made = await Promise.all(
    prepared.map(async (job) => (job instanceof Problem ? job : orProblem(() => storeJob(room, job)))),
  );
  const created = made.flatMap((job) => (job instanceof Problem ? [] : [job]));
  const errors = made.flatMap((job, index) => (job instanceof Problem ? [itemError(index, job)] : []));
  const jobs = created.map((job) => jobJson(job, room.policy()));
  if (jobs.length === 0) response.status(400).json({ ...noneMade(response), created: jobs, errors });
  else
    response.status(201).json(Array.isArray(body) && errors.length === 0 ? jobs : { created: jobs, errors });
}

async function orProblem<T>(work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function itemError(index: number, { message, details }: Problem): object {
  return { index, message, ...(details && { details }) };
}

function itemsOf(body: unknown): unknown[] {
  const items = Array.isArray(body) ? body : objectOf(body)['jobs'];
  if (!Array.isArray(items) || items.length === 0)
    throw new Problem('validation_error', 'jobs array is required and must not be empty', { field: 'jobs' });
  if (items.length > mostAtOnce)
    throw new Problem('validation_error', `too many jobs in batch (max ${mostAtOnce})`, { field: 'jobs' });
  return items;
}

function noneMade(response: Response): object {
  const none = new Problem('validation_error', 'no job of the batch could be made');
  return { ...problemJson(none), request_id: response.locals['requestId'] as unknown };
}

/** `POST /v1/jobs/batch-enable` and `batch-disable`: ids that are unknown, or of another project, are passed over. */
export async function switchJobs(
  room: Room,
  request: Request,
  response: Response,
  enabled: boolean,
): Promise<void> {
  const { job_ids, ids = job_ids ?? [] } = checked(jobIdsBody, bodyObject(request));
  if (ids.length === 0)
    throw new Problem('validation_error', 'ids array is required and must not be empty', { field: 'ids' });
  if (ids.length > mostAtOnce)
    throw new Problem('validation_error', `too many ids in batch (max ${mostAtOnce})`, { field: 'ids' });
  const own = await visible(room, new Set(ids.map((id) => id.toLowerCase())), identityOf(response));
  const jobs = own.length === 0 ? [] : await setEnabled(room, own, enabled);
  response.json({ updated: jobs.length });
}

async function visible({ store }: Room, ids: ReadonlySet<string>, identity: Identity): Promise<string[]> {
  const jobs = await Promise.all([...ids].filter(isUuid).map((id) => store.read.job(id)));
  return jobs.flatMap((job) => (job && sees(identity, job.project) ? [job.id] : []));
}
