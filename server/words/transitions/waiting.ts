import type { RunReason } from '../reasons.ts';
import { type Attempt, isTerminal, type Run } from '../run.ts';
import { type Change, expectStates, over, TransitionError } from './change.ts';

/** A delayed run's time has come. */
export function due(run: Run, now: number): Change {
  return queued(run, 'delayed', now);
}

/** What a run waited for has ended as it should. */
export function unblocked(run: Run, now: number): Change {
  return queued(run, 'waiting', now);
}

function queued(run: Run, from: 'delayed' | 'waiting', now: number): Change {
  if (run.state !== from) throw new TransitionError(`run ${run.id} is ${run.state}, not ${from}`);
  return {
    run: { state: 'queued', attempt: 1, countedAttempts: 1 },
    next: { number: 1, availableAt: now },
  };
}

/** A delayed run gets another time. */
export function rescheduled(run: Run, scheduledAt: number): Change {
  if (run.state !== 'delayed') throw new TransitionError(`run ${run.id} is ${run.state}, not delayed`);
  return { run: { scheduledAt } };
}

/** A run whose dependencies are met has to wait for its time all the same. */
export function delayed(run: Run, scheduledAt: number, now: number): Change {
  if (run.state !== 'waiting') throw new TransitionError(`run ${run.id} is ${run.state}, not waiting`);
  return { at: now, run: { state: 'delayed', scheduledAt } };
}

/** It did not start in time. A run that was tried before never expires. */
export function expired(run: Run, attempt: Attempt | undefined, now: number): Change {
  if (run.startedAt !== null) throw new TransitionError(`run ${run.id} has started: it does not expire`);
  return stopped(run, attempt, 'expired', 'run expired', now);
}

/** Why a run is to stop; `error` is a sentence for a person. */
export interface StopWish {
  reason: Extract<RunReason, 'canceled' | 'superseded' | 'dependency_unmet'>;
  error?: string;
}

/**
 * Somebody wants the run to stop: at once where nothing runs yet, else when the work has stopped. Undefined where there
 * is nothing to do any more.
 */
export function cancelRequested(
  run: Run,
  attempt: Attempt | undefined,
  now: number,
  wish: StopWish = { reason: 'canceled' },
): Change | undefined {
  if (isTerminal(run.state)) return undefined;
  if (run.state === 'running') {
    if (run.cancelRequestedAt !== null) return undefined;
    const why = wish.error === undefined ? {} : { error: wish.error };
    return { run: { cancelRequestedAt: now, cancelReason: wish.reason, ...why } };
  }
  const usual =
    run.startedAt === null ? `${wish.reason} before it started` : `${wish.reason} before it was tried again`;
  const change = stopped(run, attempt, wish.reason, wish.error ?? usual, now);
  return { ...change, run: { ...change.run, cancelRequestedAt: now, cancelReason: wish.reason } };
}

function stopped(
  run: Run,
  attempt: Attempt | undefined,
  reason: StopWish['reason'] | 'expired',
  error: string,
  now: number,
): Change {
  const state = reason === 'expired' ? 'expired' : 'canceled';
  const end = over(state, reason, error, now);
  if (run.state === 'waiting' || run.state === 'delayed') return { run: end };
  if (!attempt) throw new TransitionError(`run ${run.id} is ${run.state}: its attempt has to end with it`);
  expectStates(run, attempt, 'queued', 'queued');
  return { run: end, attempt: { state: 'canceled', reason, error, finishedAt: now } };
}
