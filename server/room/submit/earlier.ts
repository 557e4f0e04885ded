import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import type { Changes } from '../settling/changes.ts';
import type { Payload } from './payload.ts';
import { debounceMs, isOwnWish, type Plan } from './plan.ts';
import type { Submission, Submitted } from './submission.ts';

/** A run that there is already, and why it stands for what was asked for. */
export type Earlier = Pick<Submitted, 'outcome' | 'run'>;

/**
 * The run that a delivery made the first time; undefined where it is new and now recorded for `runId`. This is the one
 * write before all checks: where a check fails later it is undone with them.
 */
export async function firstOfDelivery(
  tx: Tx,
  { delivery }: Submission,
  runId: string,
  now: number,
): Promise<Run | undefined> {
  if (!delivery) return undefined;
  const firstRunId = await tx.recordDelivery(delivery.source, delivery.id, runId, now);
  return firstRunId === undefined ? undefined : tx.run(firstRunId);
}

/** The run of the job that has this key and has not ended. */
export async function idempotentRun(
  tx: Tx,
  job: Job,
  { idempotencyKey }: Submission,
): Promise<Run | undefined> {
  return idempotencyKey === undefined ? undefined : tx.runByIdempotencyKey(job.id, idempotencyKey);
}

/** Refuses more triggers than the job allows in any window: 429. */
export async function checkRate(tx: Tx, { id, definition }: Job, now: number): Promise<void> {
  const { rateLimitMax = 0, rateLimitWindowSecs = 0 } = definition;
  const windowMs = rateLimitWindowSecs * 1000;
  if (rateLimitMax === 0 || windowMs === 0) return;
  const at = await tx.createdAtOfNewest(id, rateLimitMax);
  if (at === undefined || !isWithin(at, now, windowMs)) return;
  throw new Problem('rate_limited', 'job rate limit exceeded', {
    retryAfterSecs: Math.max(1, Math.min(rateLimitWindowSecs, Math.ceil((at + windowMs - now) / 1000))),
  });
}

/** The run that was made for the same payload a short time ago. */
export async function duplicateRun(
  tx: Tx,
  { id, definition }: Job,
  { trigger }: Submission,
  payload: Payload | undefined,
  now: number,
): Promise<Run | undefined> {
  const windowMs = (definition.dedupWindowSecs ?? 0) * 1000;
  if (windowMs === 0 || !payload || !isOwnWish(trigger)) return undefined;
  const run = await tx.runByPayload(id, payload.hash, now - windowMs);
  return run && isWithin(run.createdAt, now, windowMs) ? run : undefined;
}

/** A delayed run with the same key takes over the payload, and waits for as long again. */
export async function debounced(
  changes: Changes,
  job: Job,
  submission: Submission,
  payload: Payload | undefined,
  plan: Plan,
): Promise<Earlier | undefined> {
  if (debounceMs(job, submission) === 0 || plan.scheduledAt === undefined) return undefined;
  const { tx } = changes;
  const before = await tx.debouncedRun(job.id, submission.debounceKey ?? '');
  if (!before) return undefined;
  if (payload) await tx.setPayload(before.id, payload.text, payload.hash);
  const payloadHash = payload?.hash ?? before.payloadHash;
  const { scheduledAt, expiresAt = null } = plan;
  const run = await changes.apply({ ...before, payloadHash }, undefined, { run: { scheduledAt, expiresAt } });
  return { outcome: 'debounced', run: run ?? before };
}

/** Whether it happened in the window that ends now. What seems to lie far ahead was before the clock went back. */
function isWithin(at: number, now: number, windowMs: number): boolean {
  return Math.abs(now - at) < windowMs;
}
