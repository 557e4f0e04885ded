import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart } from '../../../http/route.ts';
import { addDependency, removeDependency } from '../../../room/jobs/dependencies.ts';
import type { Room } from '../../../room/room.ts';
import { type DependencyCondition, dependencyConditions, type Job } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import { type Identity, sees } from '../../../words/scopes.ts';
import { isUuid } from '../../../words/uuid7.ts';
import { bodyObject, checked } from '../body.ts';
import { findJob } from '../findJob.ts';
import { dependencyJson } from '../present/job.ts';
import { dependencyBody } from '../schemas/jobRequests.ts';

export async function sendDependencies(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  response.json((await room.store.read.dependencies(job.id)).map(dependencyJson));
}

export async function createDependency(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const body = checked(dependencyBody, bodyObject(request));
  const condition = conditionOf(body.condition);
  const other = await otherJob(room, job, body.depends_on_job_id, identityOf(response));
  response.status(201).json(dependencyJson(await addDependency(room, job.id, other, condition)));
}

export async function deleteDependency(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const id = pathPart(request, 'dependency').toLowerCase();
  if (!isUuid(id)) throw new Problem('not_found', 'dependency not found');
  await removeDependency(room, job.id, id);
  response.status(204).end();
}

function conditionOf(text = 'completed'): DependencyCondition {
  const condition = dependencyConditions.find((one) => one === text);
  if (!condition)
    throw new Problem('validation_error', `condition must be one of: ${dependencyConditions.join(', ')}`, {
      field: 'condition',
    });
  return condition;
}

/** The id of the job that is meant, by its id or by its slug in the same project. */
async function otherJob({ store }: Room, job: Job, name: string, identity: Identity): Promise<string> {
  const byId = isUuid(name) ? await store.read.job(name.toLowerCase()) : undefined;
  const other = byId ?? (await store.read.jobBySlug(job.project, name));
  if (!other || !sees(identity, other.project))
    throw new Problem('validation_error', 'depends_on_job_id does not exist', { field: 'depends_on_job_id' });
  return other.id;
}
