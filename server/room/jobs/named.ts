import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { isUuid } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';

/**
 * The job of this id, or of this slug: within a project where one is named. `field` is what names a project in a query.
 * Throws a Problem: conflict where several projects have that slug and none is named.
 */
export async function namedJob(
  { store }: Pick<Room, 'store'>,
  name: string,
  project: string | undefined,
  field: string,
): Promise<Job | undefined> {
  const byId = isUuid(name) ? await store.read.job(name.toLowerCase()) : undefined;
  if (byId) return byId;
  // No name has them, and PostgreSQL cannot even be asked for a text with NUL.
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) return undefined;
  if (project !== undefined) return store.read.jobBySlug(project, name);
  const [job, other] = await store.read.jobsBySlug(name);
  if (other)
    throw new Problem('conflict', `several projects have a job ${name}: name one with ?${field}=`, { field });
  return job;
}
