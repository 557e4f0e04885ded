import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart, queryOf } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { isUuid } from '../../words/uuid7.ts';
import { isPlain, namedProject } from './project.ts';

/**
 * The job that the path names as `:job`, by its id, or by its slug within the project of the key or of `?project_id=`.
 * 404 where there is none for the one who asks, 409 where several projects have that slug and none is named.
 */
export function findJob(room: Room, request: Request, response: Response): Promise<Job> {
  return jobNamed(room, pathPart(request, 'job'), identityOf(response), queryOf(request));
}

export async function jobNamed(
  room: Room,
  name: string,
  identity: Identity,
  query: URLSearchParams,
): Promise<Job> {
  const project = namedProject(identity, query);
  const byId = isUuid(name) ? await room.store.read.job(name.toLowerCase()) : undefined;
  const job = byId ?? (isPlain(name) ? await bySlug(room, name, project) : undefined);
  if (!job || !sees(identity, job.project)) throw new Problem('not_found', 'job not found');
  return job;
}

async function bySlug({ store }: Room, slug: string, project: string | undefined): Promise<Job | undefined> {
  if (project !== undefined) return store.read.jobBySlug(project, slug);
  const [job, other] = await store.read.jobsBySlug(slug);
  if (other)
    throw new Problem('conflict', `several projects have a job ${slug}: name one with ?project_id=`, {
      field: 'project_id',
    });
  return job;
}
