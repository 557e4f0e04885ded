import type { JobHead } from './jobs.ts';
import type { JobKind } from '../../words/job.ts';
import type { Attempt, AttemptState, Run, RunState } from '../../words/run.ts';

/** An attempt with what it is shown with: its run, its job in the version that it was done by, its engine. */
export interface Execution {
  attempt: Attempt;
  run: Run;
  /** When its state, phase or result last changed. */
  modifiedAt: number;
  job: ExecutedJob;
  /** Null until it was claimed, and for what no engine works on. */
  engine: ExecutedOn | null;
  /** How many attempts its run has had so far. */
  attempts: number;
}

/** Of a job what does not change with its versions, and the version that counts for a run. */
export interface ExecutedJob extends JobHead {
  /** Of the version's own row. */
  versionKey: number;
  name: string | undefined;
  description: string | undefined;
  createdBy: string | null;
}

export interface ExecutedOn {
  key: number;
  name: string;
  createdAt: number;
}

/** Everything that is given must hold; a list means any of its members, and an empty one none at all. */
export interface ExecutionFilter {
  /** Absent: of all projects. */
  project?: string;
  runId?: string;
  states?: readonly AttemptState[];
  jobKeys?: readonly number[];
  slugs?: readonly string[];
  kinds?: readonly JobKind[];
  engineKeys?: readonly number[];
  /** Both ends included, milliseconds since 1970. */
  modifiedFrom?: number;
  modifiedTo?: number;
}

/** What executions can be sorted by, however many there are. `jobTitle` is `project/slug`, as Scale shows it. */
export const executionFields = [
  'key',
  'status',
  'createdAt',
  'startedAt',
  'finishedAt',
  'modifiedAt',
  'timeout',
  'runKey',
  'runStatus',
  'runPriority',
  'jobName',
  'jobTitle',
  'jobVersion',
  'jobKind',
  'jobKey',
  'engineName',
  'engineKey',
  'error',
] as const;
export type ExecutionField = (typeof executionFields)[number];

/**
 * Without a value: last where it ascends, first where it descends. `jobTitle` is the project and the slug, `error` the
 * reason of an attempt that neither succeeded nor was canceled.
 */
export interface Order<Field> {
  field: Field;
  descending: boolean;
  /**
   * What counts in the place of the value, for `status`, `runStatus`, `jobKind`, `engineName` and `error`: whoever calls
   * states and reasons by words of their own sorts by those. Null is to have no value.
   */
  as?: (value: string) => string | number | null;
}

/** The same for runs, those that have no attempt yet included. Child runs are in none of these lists. */
export interface RunListFilter {
  project?: string;
  keys?: readonly number[];
  states?: readonly RunState[];
  jobKeys?: readonly number[];
  slugs?: readonly string[];
  kinds?: readonly JobKind[];
  /** Why they ended, or go again. */
  reasons?: readonly string[];
  /** Of the end of a run, or of its newest change where it has not ended. */
  modifiedFrom?: number;
  modifiedTo?: number;
}

/** What runs can be sorted by; `createdAt` is the order in which they were stored. */
export const runFields = [
  'key',
  'status',
  'priority',
  'createdAt',
  'startedAt',
  'endedAt',
  'modifiedAt',
  'jobName',
  'jobVersion',
  'jobKind',
  'jobKey',
] as const;
export type RunField = (typeof runFields)[number];

/** A run with its job. */
export interface ListedRun {
  run: Run;
  job: ExecutedJob;
  /** When its state last changed. */
  modifiedAt: number;
  /** When its newest attempt was queued; null where there is none yet. */
  queuedAt: number | null;
  attempts: number;
}

export interface OffsetPage {
  offset: number;
  limit: number;
}

export interface ExecutionReads {
  /**
   * In the order asked for, then by key in the direction of the last field: none is on two pages or on none. Where more
   * than 50,000 are the same in all that was asked for, they come in another order of their own. A page costs its rows
   * and, at worst, a walk along an index that holds what is filtered by, from the nearer end.
   *
   * @throws UnboundedOrder where so many rows have the same time, or filters so many jobs, that this cannot be
   */
  executions(
    filter: ExecutionFilter,
    order: readonly Order<ExecutionField>[],
    page: OffsetPage,
  ): Promise<Execution[]>;
  countExecutions(filter: ExecutionFilter): Promise<number>;
  /** By the attempt's key. */
  execution(key: number): Promise<Execution | undefined>;
  listedRuns(
    filter: RunListFilter,
    order: readonly Order<RunField>[],
    page: OffsetPage,
  ): Promise<ListedRun[]>;
  countListedRuns(filter: RunListFilter): Promise<number>;
  /** By the run's key, child runs included. */
  listedRun(key: number): Promise<ListedRun | undefined>;
  /** How many attempts wait, by job, with the time since which the oldest waits and the highest priority. */
  queueDepths(project: string | undefined): Promise<QueueDepth[]>;
  /** How many attempts of each state there are, by job and engine. */
  executionCounts(project: string | undefined): Promise<ExecutionCount[]>;
  /** Every engine that an attempt ever ran on, by its name. */
  knownEngines(): Promise<ExecutedOn[]>;
}

export interface ExecutionWrites {
  /**
   * Sums up the first attempts from a key on that were not yet, so that lists can pass over them: `size` of them, or as many
   * as are usual, if there are. Where many of them are under way they are left for later, where few are it is done again
   * when those have ended. Gives the key from which there may be more, null behind the last.
   */
  sumUpAttempts(fromKey: number, size?: number): Promise<number | null>;
}

export interface QueueDepth {
  job: ExecutedJob;
  waiting: number;
  oldestAt: number;
  highestPriority: number;
}

export interface ExecutionCount {
  jobKey: number;
  engineKey: number | null;
  state: AttemptState;
  count: number;
}
