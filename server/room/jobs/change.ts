import type { Tx } from '../../store/store.ts';
import { type Job, jobKinds } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { versionId } from '../../words/versionId.ts';
import type { Room } from '../room.ts';
import { refuseAddresses, refuseUnknownImageJob } from './checks.ts';
import { slugTaken } from './create.ts';
import { type DefinitionWish, mergeDefinition } from './definition.ts';
import { scheduleJob } from './schedule.ts';
import { sealSecrets } from './secrets.ts';

/** Ids of versions, one of which must be the newest; absent where any may be. */
export type Expected = readonly string[] | undefined;

export interface ChangeWish {
  slug?: string;
  enabled?: boolean;
  definition: DefinitionWish;
  updatedBy: string | null;
}

/**
 * Makes the next version of a job, also where nothing is different in it.
 *
 * @throws Problem `not_found`, `validation_error`, `conflict` (slug), `precondition_failed`
 */
export async function changeJob(
  room: Room,
  jobId: string,
  wish: ChangeWish,
  expected: Expected,
): Promise<Job> {
  await refuseAddresses(room, wish.definition);
  const definition = sealSecrets(room, jobId, wish.definition);
  const job = await room.store.write((tx) =>
    change(tx, jobId, { ...wish, definition }, expected, room.now()),
  );
  room.wake();
  return job;
}

async function change(
  tx: Tx,
  jobId: string,
  wish: ChangeWish,
  expected: Expected,
  now: number,
): Promise<Job> {
  const before = await expectedJob(tx, jobId, expected);
  const { slug = before.slug, enabled, updatedBy } = wish;
  refuseOtherKind(before, wish.definition);
  await refuseUnknownImageJob(tx, before.project, wish.definition);
  const definition = mergeDefinition(before.kind, before.definition, wish.definition);
  const ids = { versionId: versionId(), versionRowId: uuid7(now) };
  const changed = await tx.changeJob(before, { ...ids, slug, definition, updatedBy, now });
  if (changed === 'slug_taken') throw slugTaken(slug);
  if (changed === 'stale')
    throw new Problem('conflict', 'job was modified concurrently: read it again, and try again');
  const isSwitched = enabled !== undefined && enabled !== before.enabled;
  const [switched = changed] = isSwitched ? await tx.setJobFlags([jobId], { enabled }, now) : [];
  await scheduleJob(tx, switched, before, now);
  return switched;
}

/** The job as it is. Throws a Problem: not_found; precondition_failed where its version is none that was expected. */
export async function expectedJob(tx: Tx, jobId: string, expected: Expected): Promise<Job> {
  const job = await tx.job(jobId);
  if (!job) throw new Problem('not_found', 'job not found');
  if (expected && !expected.includes(job.versionId))
    throw new Problem('precondition_failed', `the job has changed: its version is ${job.versionId} now`);
  return job;
}

function refuseOtherKind({ kind }: Job, wish: DefinitionWish): void {
  if (jobKinds.some((other) => other !== kind && wish[other] !== undefined))
    throw new Problem(
      'validation_error',
      `this is a job of the kind ${kind}: make another job for another kind`,
    );
}
