import type { PhaseRecord, StepRecord } from '../../../builder/model/spec.ts';
import type { RunReason } from '../reasons.ts';
import type { Attempt, Run } from '../run.ts';

/**
 * The only ways in which runs and attempts change their state: pure functions from what is stored and what happened
 * to what is to be stored. The store applies a change only if both rows are still in the state it was made from.
 */
export interface Change {
  /** Now, where nothing else in it says so. */
  at?: number;
  run: RunPatch;
  /** Absent where only the run changes. */
  attempt?: AttemptPatch;
  /** The next attempt, born queued in the same transaction. */
  next?: { number: number; availableAt: number; priority?: number };
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
    | 'cancelReason'
    | 'jobVersion'
    | 'scheduledAt'
    | 'nextRetryAt'
    | 'expiresAt'
    | 'heartbeatAt'
    | 'executionTrace'
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
  reason: RunReason;
  error: string;
  exitCode?: number;
}

/** Thrown where a transition is asked for that the states do not know. */
export class TransitionError extends Error {}

/** Throws a TransitionError unless both are in these states. */
export function expectStates(
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

/** A run's end. */
export function over(
  state: Run['state'],
  reason: RunReason | null,
  error: string | null,
  now: number,
): RunPatch {
  return { state, phase: null, reason, error, completedAt: now, nextRetryAt: null };
}

/** How a run ends that is not tried again. */
export function endState(reason: RunReason): Run['state'] {
  if (reason === 'timeout' || reason === 'endpoint_timeout') return 'timed_out';
  if (reason === 'canceled' || reason === 'superseded' || reason === 'dependency_unmet') return 'canceled';
  if (reason === 'expired') return 'expired';
  if (reason === 'endpoint_reported') return 'failed';
  if (reason === 'lost' || reason === 'container_lost' || reason === 'endpoint_silent') return 'crashed';
  if (reason.startsWith('engine_')) return 'system_failed';
  return 'dead_letter';
}
