import { type AttemptState, attemptStates, type RunState, runStates } from '../../../words/run.ts';

/** What an execution, which is an attempt, can be. */
export const executionStatuses = ['QUEUED', 'RUNNING', 'FAILED', 'COMPLETED', 'CANCELED'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** What a job, which is a run, can be besides: delayed, or waiting for another. */
export const jobStatuses = [...executionStatuses, 'PENDING', 'BLOCKED'] as const;
export type JobStatus = (typeof jobStatuses)[number];

const ofAttempt: Record<AttemptState, ExecutionStatus> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  succeeded: 'COMPLETED',
  failed: 'FAILED',
  timed_out: 'FAILED',
  canceled: 'CANCELED',
  lost: 'FAILED',
  released: 'FAILED',
};

const ofRun: Record<RunState, JobStatus> = {
  waiting: 'BLOCKED',
  delayed: 'PENDING',
  queued: 'QUEUED',
  running: 'RUNNING',
  completed: 'COMPLETED',
  dead_letter: 'FAILED',
  failed: 'FAILED',
  timed_out: 'FAILED',
  crashed: 'FAILED',
  system_failed: 'FAILED',
  canceled: 'CANCELED',
  expired: 'CANCELED',
};

export function executionStatus(state: AttemptState): ExecutionStatus {
  return ofAttempt[state];
}

export function jobStatus(state: RunState): JobStatus {
  return ofRun[state];
}

/** The states of attempts that a status stands for; none where nothing ever has it. */
export function attemptStatesOf(status: string): AttemptState[] {
  return attemptStates.filter((state) => ofAttempt[state] === status);
}

/** The same of runs. */
export function runStatesOf(status: string): RunState[] {
  return runStates.filter((state) => ofRun[state] === status);
}

export function isFinished(status: ExecutionStatus): boolean {
  return status === 'FAILED' || status === 'COMPLETED' || status === 'CANCELED';
}
