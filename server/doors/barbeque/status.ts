import { isTerminal, type Run, type RunState } from '../../words/run.ts';

/** What this interface calls the state of an execution. */
export const executionStatuses = ['pending', 'running', 'success', 'failed', 'retried', 'error'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** What of a run decides about its status. */
export type Standing = Pick<Run, 'state' | 'attempt' | 'startedAt'>;

const endStatus: Record<Exclude<RunState, 'waiting' | 'delayed' | 'queued' | 'running'>, ExecutionStatus> = {
  completed: 'success',
  dead_letter: 'failed',
  failed: 'failed',
  timed_out: 'failed',
  crashed: 'error',
  system_failed: 'error',
  canceled: 'error',
  expired: 'error',
};

/** The status of a run by itself, whatever became of it later. */
export function plainStatus({ state, attempt, startedAt }: Standing): ExecutionStatus {
  switch (state) {
    case 'waiting':
    case 'delayed':
      return 'pending';
    case 'queued':
      return attempt > 1 ? 'retried' : 'pending';
    case 'running':
      return attempt > 1 ? 'retried' : 'running';
    default:
      return endStatus[state] === 'failed' && startedAt === null ? 'error' : endStatus[state];
  }
}

/**
 * The status of a run that clients may have retried: an ended one is `retried` until the newest of its retries has
 * ended, and then what that one is. `newest` is where that leads to: the newest retry of the run, or of its newest
 * retry, and so on as far as they have ended.
 */
export function statusOf(run: Standing, newest: Standing | undefined): ExecutionStatus {
  if (!newest || !isTerminal(run.state)) return plainStatus(run);
  return isTerminal(newest.state) ? plainStatus(newest) : 'retried';
}
