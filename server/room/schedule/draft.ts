import type { NewRun } from '../../store/contract/runs.ts';
import type { Job } from '../../words/job.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Policy, Room } from '../room.ts';
import { newRun } from '../submit/newRun.ts';
import { type DependencyReads, planOf } from '../submit/plan.ts';
import { checked, type Wish } from '../submit/submit.ts';

const nothing = { value: {}, text: '{}' };

/** What a tick wants of a job. */
export function wishOfTick(room: Pick<Room, 'now'>, jobId: string): Wish {
  return checked(room, { job: { id: jobId }, trigger: 'cron', payload: nothing });
}

/** Of a job that is known to depend on no other. */
export const free: DependencyReads = { dependencies: async () => [], newestEndedRun: async () => undefined };

/** A run that a tick will make, worked out before. */
export interface Draft {
  readonly run: NewRun;
  /** What it was made from beside its job. */
  readonly policy: DraftPolicy;
}

type DraftPolicy = Pick<Policy, 'maxAttempts' | 'timeoutSecs'>;

/**
 * The run that a job's tick at `at` will make if the job depends on no other by then; undefined where more decides about
 * it than its job and its time.
 */
export async function draftOf(
  room: Pick<Room, 'now' | 'policy'>,
  job: Job,
  at: number,
): Promise<Draft | undefined> {
  const { image, payloadSchema, executionWindowCron = '', rateLimitMax = 0 } = job.definition;
  if (image || payloadSchema || executionWindowCron !== '' || rateLimitMax > 0) return undefined;
  const policy = room.policy();
  const { submission, payload } = wishOfTick(room, job.id);
  const plan = await planOf(free, job, submission, payload, { policy, now: at });
  const run = newRun({ id: '', job, submission, payload, ref: '', plan }, policy, at);
  const { maxAttempts, timeoutSecs } = policy;
  return { run, policy: { maxAttempts, timeoutSecs } };
}

/** The run of a draft, made now; undefined where it would be another one by what is configured now. */
export function runOfDraft(
  { run, policy: { maxAttempts, timeoutSecs } }: Draft,
  policy: DraftPolicy,
  now: number,
): NewRun | undefined {
  if (maxAttempts !== policy.maxAttempts || timeoutSecs !== policy.timeoutSecs) return undefined;
  const made = { ...run, id: uuid7(now), attemptId: uuid7(now), createdAt: now };
  if (run.expiresAt !== undefined) made.expiresAt = run.expiresAt + now - run.createdAt;
  return made;
}
