import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart, queryOf } from '../../http/route.ts';
import { namedJob } from '../../room/jobs/named.ts';
import type { Room } from '../../room/room.ts';
import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { namedProject } from './project.ts';

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
  const job = await namedJob(room, name, namedProject(identity, query), 'project_id');
  if (!job || !sees(identity, job.project)) throw new Problem('not_found', 'job not found');
  return job;
}
