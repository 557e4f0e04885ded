import type { Tx } from '../../store/store.ts';
import type { Job, JobKind } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { versionId } from '../../words/versionId.ts';
import type { Room } from '../room.ts';
import { refuseAddresses, refuseUnknownImageJob } from './checks.ts';
import { type DefinitionWish, mergeDefinition } from './definition.ts';
import { scheduleJob } from './schedule.ts';
import { sealSecrets } from './secrets.ts';

export interface JobWish {
  project: string;
  slug: string;
  kind: JobKind;
  enabled: boolean;
  definition: DefinitionWish;
  createdBy: string | null;
}

/** A job that is checked and has its id, but is stored nowhere yet. */
export type NewJob = Pick<Job, 'id' | 'project' | 'slug' | 'kind' | 'enabled' | 'definition' | 'createdBy'>;

/**
 * Makes a job as its version 1. It is on disk when this resolves.
 *
 * @throws Problem `validation_error`; `conflict` where the project has a job of that slug
 */
export async function createJob(room: Room, wish: JobWish): Promise<Job> {
  return storeJob(room, await prepareJob(room, wish));
}

/** The part of `createJob` that may have to ask others. Throws a Problem: validation_error. */
export async function prepareJob(room: Room, { definition: wanted, ...named }: JobWish): Promise<NewJob> {
  const id = uuid7(room.now());
  const definition = mergeDefinition(named.kind, {}, sealSecrets(room, id, wanted));
  await refuseAddresses(room, wanted);
  return { ...named, id, definition };
}

/**
 * The part of `createJob` that writes; of two calls the first is the first to be stored. Throws a Problem: conflict;
 * validation_error where it runs the image of a job that is not there.
 */
export async function storeJob(room: Room, job: NewJob): Promise<Job> {
  const made = await room.store.write(async (tx) => {
    await refuseUnknownImageJob(tx, job.project, job.definition);
    return insertJob(tx, job, room.now());
  });
  room.wake();
  return made;
}

/** Inserts a new job with its schedule. Throws a Problem: conflict. */
export async function insertJob(tx: Tx, job: NewJob, now: number): Promise<Job> {
  const ids = { versionId: versionId(), versionRowId: uuid7(now) };
  const made = await tx.insertJob({ ...job, ...ids, now });
  if (!made) throw slugTaken(job.slug);
  await scheduleJob(tx, made, undefined, now);
  return made;
}

export function slugTaken(slug: string): Problem {
  return new Problem('conflict', `job with slug "${slug}" already exists`, { field: 'slug' });
}
