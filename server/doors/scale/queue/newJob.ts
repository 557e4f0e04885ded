import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import { submit } from '../../../room/submit/submit.ts';
import type { Job } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import type { Run } from '../../../words/run.ts';
import { authorOf, sees } from '../../../words/scopes.ts';
import { mostNumber } from '../answer.ts';
import { bodyObject, integerField, requiredField } from '../body.ts';
import { payloadOf } from '../jobs/data.ts';
import { jobDetails } from '../jobs/details.ts';
import { newestExecutions, type ShowExecutions } from '../jobs/executions.ts';
import { linkTo } from '../paths.ts';
import { badRequest, notFound } from '../problems.ts';

/** `POST /queue/new-job/`: a run of a job type, with its data as payload. */
export async function createJob(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const body = bodyObject(request);
  const key = integerField(body, 'job_type_id');
  const data = requiredField(body, 'job_data');
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw badRequest('Parameter must be a valid JSON object: "job_data"');
  const identity = identityOf(response);
  const job = await jobOf(room, key);
  if (!job || !sees(identity, job.project)) throw notFound();
  const payload = payloadOf({ ...data });
  if (typeof payload === 'string') {
    response.status(400).json(`Invalid job information. ${payload}.`);
    return;
  }
  const author = authorOf(identity);
  const { run } = await submit(room, {
    job: { id: job.id },
    trigger: 'api',
    ...(payload && { payload: { value: payload, text: JSON.stringify(payload) } }),
    ...(author !== null && { createdBy: author }),
  }).catch(refused);
  await sendNew(room, show, run, request, response);
}

/** A type that is disabled is there, but nothing of it can be done now. */
function refused(error: unknown): never {
  if (error instanceof Problem && error.code === 'job_disabled')
    throw new Problem('conflict', 'Job type is not active', { cause: error });
  throw error;
}

async function jobOf({ store }: Room, key: number): Promise<Job | undefined> {
  const found = key >= 1 && key <= mostNumber ? await store.read.jobByKey(key) : undefined;
  return found?.job;
}

/** A run that waits for its time has no execution yet: its job is named in place of one. */
async function sendNew(
  room: Room,
  show: ShowExecutions,
  run: Run,
  request: Request,
  response: Response,
): Promise<void> {
  const [newest] = await newestExecutions(room, [run]);
  const path = newest ? `/job-executions/${newest.attempt.key}/` : `/jobs/${run.key}/`;
  const listed = await room.store.read.listedRun(run.key);
  if (!listed) throw notFound();
  response.status(201).location(linkTo(request, path));
  response.json(await jobDetails(room, listed, show));
}
