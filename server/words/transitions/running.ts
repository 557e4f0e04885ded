import type { RunResult } from '../image.ts';
import type { RunReason } from '../reasons.ts';
import { type Attempt, type ExecutionTrace, isTerminal, type Run } from '../run.ts';
import {
  type AttemptPatch,
  type AttemptRecord,
  type Change,
  endState,
  expectStates,
  type Failure,
  over,
  type RunPatch,
  TransitionError,
} from './change.ts';
import { isRetried, retryDelayMs, type RetryPlan } from './retry.ts';

/**
 * A worker takes the attempt. The attempt's own row was already changed by the one claim statement. `jobVersion` is the
 * version that this run is done by from now on.
 */
export function started(run: Run, now: number, jobVersion = run.jobVersion): Change {
  if (run.state !== 'queued') throw new TransitionError(`run ${run.id} is ${run.state}, not queued`);
  const phase = run.kind === 'http' ? null : 'clone';
  const startedAt = run.startedAt ?? now;
  return { run: { state: 'running', phase, startedAt, jobVersion, nextRetryAt: null, heartbeatAt: null } };
}

/** Whoever does the work said that they are alive. */
export function heard(run: Run, now: number): Change {
  if (run.state !== 'running') throw new TransitionError(`run ${run.id} is ${run.state}, not running`);
  return { run: { heartbeatAt: now } };
}

/** The work is done. `result` is what was built, null where nothing is built. A command that is done ended with 0. */
export function succeeded(
  run: Run,
  attempt: Attempt,
  result: RunResult | null,
  record: AttemptRecord,
  now: number,
): Change {
  expectStates(run, attempt, 'running', 'running');
  const commit = result?.commit ?? run.commit;
  return {
    run: { ...over('completed', null, null, now), commit, result },
    attempt: { ...ended('succeeded', record, now), ...(run.kind === 'container' && { exitCode: 0 }) },
  };
}

/** The same change, with how long the parts of an HTTP dispatch took. */
export function traced(change: Change, executionTrace: ExecutionTrace): Change {
  return { ...change, run: { ...change.run, executionTrace } };
}

/** The attempt failed: the run goes again after a pause where that can help, else it ends. */
export function failed(
  run: Run,
  attempt: Attempt,
  failure: Failure,
  record: AttemptRecord,
  retry: RetryPlan,
  now: number,
): Change {
  expectStates(run, attempt, 'running', 'running');
  const state = endState(failure.reason) === 'timed_out' ? 'timed_out' : 'failed';
  const attemptPatch: AttemptPatch = {
    ...ended(state, record, now),
    reason: failure.reason,
    error: failure.error,
    exitCode: failure.exitCode ?? null,
  };
  const commit = record.commit ?? run.commit;
  const tried = run.countedAttempts;
  const wouldRetry = isRetried(failure.reason, retry) && tried < run.maxAttempts;
  if (wouldRetry && run.cancelRequestedAt === null) {
    const nextRetryAt = now + retryDelayMs(retry, tried);
    const next = { number: run.attempt + 1, availableAt: nextRetryAt };
    return { run: { ...again(run, failure), commit, nextRetryAt }, attempt: attemptPatch, next };
  }
  // What would have gone again ends here only because somebody wants it to stop.
  const reason = wouldRetry ? stopReason(run) : failure.reason;
  return {
    run: { ...over(endState(reason), reason, failure.error, now), commit },
    attempt: attemptPatch,
  };
}

/** The work of a canceled run has stopped. */
export function canceled(
  run: Run,
  attempt: Attempt,
  sentence: string,
  record: AttemptRecord,
  now: number,
): Change {
  expectStates(run, attempt, 'running', 'running');
  return {
    run: { ...over('canceled', stopReason(run), sentence, now), commit: record.commit ?? run.commit },
    attempt: { ...ended('canceled', record, now), reason: stopReason(run), error: sentence },
  };
}

/** The holder of the attempt, or its work, is gone: the run goes again as long as it has attempts. */
export function lost(
  run: Run,
  attempt: Attempt,
  lastLine: number | null,
  now: number,
  error = 'the server that ran the attempt is gone',
): Change {
  expectStates(run, attempt, 'running', 'running');
  const failure: Failure = { reason: 'lost', error };
  const attemptPatch: AttemptPatch = {
    state: 'lost',
    reason: 'lost',
    error: failure.error,
    finishedAt: now,
    leaseExpiresAt: null,
    lastLine,
  };
  if (run.cancelRequestedAt !== null)
    return { run: over('canceled', stopReason(run), failure.error, now), attempt: attemptPatch };
  if (run.countedAttempts < run.maxAttempts)
    return {
      run: again(run, failure),
      attempt: attemptPatch,
      next: { number: run.attempt + 1, availableAt: now },
    };
  return { run: over('crashed', 'lost', failure.error, now), attempt: attemptPatch };
}

/** Why an attempt is given back before it was really tried, and when it may go again. */
export interface GivenBack {
  error: string;
  /** Milliseconds since 1970. */
  availableAt: number;
}

/** The attempt is given back, because the server shuts down or for another cause: it does not count as a try. */
export function released(
  run: Run,
  attempt: Attempt,
  record: AttemptRecord,
  now: number,
  cause?: GivenBack,
): Change {
  expectStates(run, attempt, 'running', 'running');
  const { error, availableAt } = cause ?? {
    error: 'the server was shut down and gave the attempt back',
    availableAt: now,
  };
  const attemptPatch: AttemptPatch = { ...ended('released', record, now), reason: 'released', error };
  if (run.cancelRequestedAt !== null) {
    // The attempt given back does not count, and no other one follows it.
    const countedAttempts = run.countedAttempts - 1;
    return {
      run: { ...over('canceled', stopReason(run), error, now), countedAttempts },
      attempt: attemptPatch,
    };
  }
  return {
    run: {
      ...again(run, { reason: 'released', error }),
      countedAttempts: run.countedAttempts,
      ...(cause && { nextRetryAt: availableAt }),
    },
    attempt: attemptPatch,
    next: { number: run.attempt + 1, availableAt },
  };
}

/** The log of an ended run is put away. */
export function archived(run: Run, now: number): Change {
  if (!isTerminal(run.state))
    throw new TransitionError(`run ${run.id} is ${run.state}: only an ended run is archived`);
  return { run: { archivedAt: now } };
}

function ended(state: Attempt['state'], record: AttemptRecord, now: number): AttemptPatch {
  const { phases, steps, lastLine } = record;
  return { state, finishedAt: now, leaseExpiresAt: null, phases, steps, lastLine };
}

function again(run: Run, failure: Failure): RunPatch {
  return {
    state: 'queued',
    phase: null,
    reason: failure.reason,
    error: failure.error,
    attempt: run.attempt + 1,
    countedAttempts: run.countedAttempts + 1,
  };
}

/** Why a run that somebody wants to stop is to stop. */
function stopReason(run: Run): RunReason {
  return run.cancelReason === 'superseded' || run.cancelReason === 'dependency_unmet'
    ? run.cancelReason
    : 'canceled';
}
