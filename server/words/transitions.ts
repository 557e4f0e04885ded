import { faultKinds, type Reason } from '../../builder/model/faults.ts';
import type { BuildResult, PhaseRecord, StepRecord } from '../../builder/model/spec.ts';
import { type Attempt, isTerminal, type Run } from './run.ts';

/**
 * The only ways in which runs and attempts change their state: pure functions from what is stored and what happened
 * to what is to be stored. The store applies a change only if both rows are still in the state it was made from.
 */
export interface Change {
  run: RunPatch;
  /** Absent where only the run changes. */
  attempt?: AttemptPatch;
  /** The next attempt, born queued in the same transaction. */
  next?: { number: number; availableAt: number };
}

export type RunPatch = Partial<
  Pick<
    Run,
    | 'state'
    | 'phase'
    | 'commit'
    | 'reason'
    | 'error'
    | 'result'
    | 'attempt'
    | 'countedAttempts'
    | 'startedAt'
    | 'completedAt'
    | 'archivedAt'
    | 'cancelRequestedAt'
  >
>;

export type AttemptPatch = Partial<
  Pick<
    Attempt,
    | 'state'
    | 'engine'
    | 'leaseId'
    | 'leaseExpiresAt'
    | 'startedAt'
    | 'finishedAt'
    | 'reason'
    | 'error'
    | 'exitCode'
    | 'phases'
    | 'steps'
    | 'lastLine'
  >
>;

/** What a worker knows of an attempt when it ends. */
export interface AttemptRecord {
  commit?: string;
  phases: PhaseRecord[];
  steps: StepRecord[];
  lastLine: number | null;
}

export interface Failure {
  reason: Reason;
  error: string;
  exitCode?: number;
}

/** Thrown where a transition is asked for that the states do not know. */
export class TransitionError extends Error {}

function expect(
  run: Run,
  attempt: Attempt | undefined,
  runState: Run['state'],
  attemptState: Attempt['state'],
): void {
  if (run.state !== runState || (attempt && attempt.state !== attemptState))
    throw new TransitionError(
      `run ${run.id} is ${run.state} and its attempt ${attempt?.state ?? 'absent'}, not ${runState} and ${attemptState}`,
    );
}

export interface Claim {
  engine: string;
  leaseId: string;
  leaseExpiresAt: number;
}

/** A worker takes the attempt. The attempt's own row was already changed by the one claim statement. */
export function started(run: Run, now: number): Change {
  if (run.state !== 'queued') throw new TransitionError(`run ${run.id} is ${run.state}, not queued`);
  return { run: { state: 'running', phase: 'clone', startedAt: run.startedAt ?? now } };
}

export function succeeded(
  run: Run,
  attempt: Attempt,
  result: BuildResult,
  record: AttemptRecord,
  now: number,
): Change {
  expect(run, attempt, 'running', 'running');
  const commit = result.commit ?? run.commit;
  return {
    run: { ...over('completed', null, null, now), commit, result },
    attempt: ended('succeeded', record, now),
  };
}

/** The attempt failed: the run goes again after a pause where that can help, else it ends. */
export function failed(
  run: Run,
  attempt: Attempt,
  failure: Failure,
  record: AttemptRecord,
  now: number,
): Change {
  expect(run, attempt, 'running', 'running');
  const state = failure.reason === 'timeout' ? 'timed_out' : 'failed';
  const attemptPatch: AttemptPatch = {
    ...ended(state, record, now),
    reason: failure.reason,
    error: failure.error,
    exitCode: failure.exitCode ?? null,
  };
  const commit = record.commit ?? run.commit;
  const tried = run.countedAttempts;
  const wouldRetry = faultKinds[failure.reason].retryable && tried < run.maxAttempts;
  if (wouldRetry && run.cancelRequestedAt === null) {
    const next = { number: run.attempt + 1, availableAt: now + retryDelayMs(tried) };
    return { run: { ...again(run, failure), commit }, attempt: attemptPatch, next };
  }
  // What would have gone again ends here only because somebody wants it to stop.
  const reason = wouldRetry ? 'canceled' : failure.reason;
  return {
    run: { ...over(endState(reason), reason, failure.error, now), commit },
    attempt: attemptPatch,
  };
}

/** Somebody wants the run to stop: at once where nothing runs yet, else when the work has stopped. */
export function cancelRequested(run: Run, attempt: Attempt, now: number): Change | undefined {
  if (isTerminal(run.state)) return undefined;
  if (run.state === 'running')
    return run.cancelRequestedAt === null ? { run: { cancelRequestedAt: now } } : undefined;
  expect(run, attempt, run.state, 'queued');
  const error = run.startedAt === null ? 'canceled before it started' : 'canceled before it was tried again';
  return {
    run: { ...over('canceled', 'canceled', error, now), cancelRequestedAt: now },
    attempt: { state: 'canceled', reason: 'canceled', error, finishedAt: now },
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
  expect(run, attempt, 'running', 'running');
  return {
    run: { ...over('canceled', 'canceled', sentence, now), commit: record.commit ?? run.commit },
    attempt: { ...ended('canceled', record, now), reason: 'canceled', error: sentence },
  };
}

/** The holder of the attempt is gone: the run goes again as long as it has attempts. */
export function lost(run: Run, attempt: Attempt, lastLine: number | null, now: number): Change {
  expect(run, attempt, 'running', 'running');
  const failure: Failure = { reason: 'lost', error: 'the server that ran the attempt is gone' };
  const attemptPatch: AttemptPatch = {
    state: 'lost',
    reason: 'lost',
    error: failure.error,
    finishedAt: now,
    leaseExpiresAt: null,
    lastLine,
  };
  if (run.cancelRequestedAt !== null)
    return { run: over('canceled', 'canceled', failure.error, now), attempt: attemptPatch };
  if (run.countedAttempts < run.maxAttempts)
    return {
      run: again(run, failure),
      attempt: attemptPatch,
      next: { number: run.attempt + 1, availableAt: now },
    };
  return { run: over('crashed', 'lost', failure.error, now), attempt: attemptPatch };
}

/** The server shuts down and gives the attempt back: it does not count against the run's attempts. */
export function released(run: Run, attempt: Attempt, record: AttemptRecord, now: number): Change {
  expect(run, attempt, 'running', 'running');
  const error = 'the server was shut down and gave the attempt back';
  const attemptPatch: AttemptPatch = { ...ended('released', record, now), reason: 'released', error };
  if (run.cancelRequestedAt !== null) {
    // The attempt given back does not count, and no other one follows it.
    const countedAttempts = run.countedAttempts - 1;
    return { run: { ...over('canceled', 'canceled', error, now), countedAttempts }, attempt: attemptPatch };
  }
  return {
    run: { ...again(run, { reason: 'released', error }), countedAttempts: run.countedAttempts },
    attempt: attemptPatch,
    next: { number: run.attempt + 1, availableAt: now },
  };
}

/** The log of an ended run is put away. */
export function archived(run: Run, now: number): Change {
  if (!isTerminal(run.state))
    throw new TransitionError(`run ${run.id} is ${run.state}: only an ended run is archived`);
  return { run: { archivedAt: now } };
}

/** Milliseconds before the attempt that follows `tried` counted ones: 1 s, 2 s, 4 s … at most a minute. */
export function retryDelayMs(tried: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.max(0, tried - 1));
}

function ended(state: Attempt['state'], record: AttemptRecord, now: number): AttemptPatch {
  const { phases, steps, lastLine } = record;
  return { state, finishedAt: now, leaseExpiresAt: null, phases, steps, lastLine };
}

function over(state: Run['state'], reason: Reason | null, error: string | null, now: number): RunPatch {
  return { state, phase: null, reason, error, completedAt: now };
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

function endState(reason: Reason): Run['state'] {
  if (reason === 'timeout') return 'timed_out';
  if (reason === 'canceled') return 'canceled';
  if (reason === 'lost') return 'crashed';
  if (reason.startsWith('engine_')) return 'system_failed';
  return 'dead_letter';
}
