import type { NewRun } from '../../store/contract/runs.ts';
import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import type { Changes } from '../settling/changes.ts';
import {
  checkRate,
  debounced,
  duplicateRun,
  type Earlier,
  firstOfDelivery,
  idempotentRun,
} from './earlier.ts';
import { findJob, refOf } from './findJob.ts';
import { newRun } from './newRun.ts';
import { checkPayload, hashed, type Payload } from './payload.ts';
import { debounceMs, type DependencyReads, planOf } from './plan.ts';
import type { Submission, Submitted } from './submission.ts';
import { checkWish } from './wish.ts';

/** The one way in which a run begins. It is on disk when this resolves. Throws a Problem. */
export async function submit(room: Room, submission: Submission): Promise<Submitted> {
  const wish = checked(room, submission);
  return settle(room, (changes) => submitIn(changes, wish));
}

/** All of them or, where one is refused, none. The Problem names the place of that one. */
export async function submitMany(room: Room, submissions: readonly Submission[]): Promise<Submitted[]> {
  const wishes = submissions.map((one, index) => named(index, () => checked(room, one)));
  return settle(room, async (changes) => {
    const submitted: Submitted[] = [];
    for (const [index, wish] of wishes.entries())
      submitted.push(
        await submitIn(changes, wish).catch((error: unknown) => named(index, () => fail(error))),
      );
    return submitted;
  });
}

/** What was asked for, as far as it can be looked at without its job. */
export interface Wish {
  submission: Submission;
  payload: Payload | undefined;
}

/** Throws a Problem for what no job could do. */
export function checked(room: Pick<Room, 'now'>, submission: Submission): Wish {
  checkWish(submission, room.now());
  return { submission, payload: hashed(submission.payload) };
}

/** The same within a transaction. A Problem comes before anything but the job and the delivery was written. */
export async function submitIn(changes: Changes, wish: Wish): Promise<Submitted> {
  const { room, tx, now } = changes;
  const { submission } = wish;
  const id = uuid7(now);
  const first = await firstOfDelivery(tx, submission, id, now);
  if (first) return { outcome: 'repeated', run: first, job: await changes.jobOf(first) };
  const [job] = await Promise.all([findJob(tx, submission, now), foreseen(room, tx, submission)]);
  const wanted = await wantedRun(changes, id, job, wish);
  if ('outcome' in wanted) return { ...wanted, job };
  const run = await tx.insertRun(wanted);
  if (submission.token) await tx.setSecret(run.id, 'api_token', room.sealer.seal(submission.token, run.id));
  await changes.born(run, job);
  return { outcome: debounceMs(job, submission) > 0 ? 'debounced' : 'created', run, job };
}

/** Over a network it is asked for with the job: the plan is given the same answer. */
function foreseen({ store }: Room, tx: Tx, { job }: Submission): Promise<unknown> | undefined {
  return store.shared && 'id' in job ? tx.dependencies(job.id) : undefined;
}

/** The run that a wish makes of its job, not inserted yet, or an earlier one that stands for it. Throws a Problem. */
export async function wantedRun(
  changes: Changes,
  id: string,
  job: Job,
  { submission, payload }: Wish,
  read: DependencyReads = changes.tx,
): Promise<NewRun | Earlier> {
  const { room, tx, now } = changes;
  const policy = room.policy();
  checkPayload(job, payload);
  const ref = refOf(job, submission, payload, policy);
  const twin = await idempotentRun(tx, job, submission);
  if (twin) return { outcome: 'idempotent', run: twin };
  await checkRate(tx, job, now);
  const duplicate = await duplicateRun(tx, job, submission, payload, now);
  if (duplicate) return { outcome: 'duplicate', run: duplicate };
  const plan = await planOf(read, job, submission, payload, { policy, now });
  const older = await debounced(changes, job, submission, payload, plan);
  return older ?? newRun({ id, job, submission, payload, ref, plan }, policy, now);
}

function named<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message, field, retryAfterSecs } = error;
    throw new Problem(code, `items[${index}]: ${message}`, {
      ...(field !== undefined && { field }),
      ...(retryAfterSecs !== undefined && { retryAfterSecs }),
      cause: error,
    });
  }
}

function fail(error: unknown): never {
  throw error;
}
