import type { ImageResult, Phase, PhaseRecord, StepRecord } from '../../builder/model/spec.ts';
import type { Job, JobDefinition } from '../words/job.ts';
import type { Attempt, Run, RunRequest, RunState, Trigger } from '../words/run.ts';
import type { Change, Claim } from '../words/transitions.ts';

/** The database is the queue: every method that changes something lives in a `Tx`, and is durable when `write` resolves. */
export interface Store {
  /** Made once with the store; marks on an engine what belongs to it. */
  readonly id: string;
  /** Reads of what is committed. */
  readonly read: Reads;
  /**
   * Runs `work` in a transaction and resolves after its durable commit. `work` awaits nothing but the methods of
   * its `tx`: many such works share one commit. Where it throws, only its own changes are undone.
   */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface NewRun {
  id: string;
  job: Pick<Job, 'id' | 'version' | 'project' | 'slug' | 'kind'>;
  queue: string;
  priority: number;
  trigger: Trigger;
  ref: string;
  request: RunRequest;
  maxAttempts: number;
  timeoutMs: number;
  createdAt: number;
  /** The first attempt is born with the run. */
  attemptId: string;
}

export interface RunFilter {
  project?: string;
  slug?: string;
  id?: string;
  ref?: string;
  bobfile?: string;
  /** Any of these; absent means every state. */
  states?: readonly RunState[];
  /** Only runs whose running attempt is in one of these phases. */
  phases?: readonly Phase[];
  archived?: boolean;
}

export interface RunPage {
  /** Only runs older than the one with this key. */
  beforeKey?: number;
  limit: number;
}

export interface Reads {
  run(id: string): Promise<Run | undefined>;
  /** Newest first. Cost follows the answer, not the history. */
  runs(filter: RunFilter, page: RunPage): Promise<Run[]>;
  /** How many runs a filter matches; without ref, bobfile and id it reads counters, not rows. */
  countRuns(filter: RunFilter): Promise<number>;
  attempts(runId: string): Promise<Attempt[]>;
  attempt(id: string): Promise<Attempt | undefined>;
  job(id: string): Promise<Job | undefined>;
  jobBySlug(project: string, slug: string): Promise<Job | undefined>;
  /** Attempts that say running, oldest lease first. */
  runningAttempts(): Promise<Attempt[]>;
  /** When the next queued attempt becomes available, in milliseconds since 1970. */
  nextAvailableAt(): Promise<number | undefined>;
  /** Ended runs that are not archived and ended before `completedBefore`, oldest first. */
  archivable(completedBefore: number, limit: number): Promise<Run[]>;
  leftovers(engine: string): Promise<Leftover[]>;
  secret(runId: string, name: string): Promise<string | undefined>;
  /** Answers or throws; for readiness. */
  ping(): Promise<void>;
}

/** What a dead attempt may have left on an engine that could not be reached then. */
export interface Leftover {
  engine: string;
  attemptId: string;
  createdAt: number;
}

export interface Tx extends Reads {
  /** The job of this project and slug, made as version 1 where there is none yet. */
  ensureJob(job: {
    id: string;
    versionId: string;
    project: string;
    slug: string;
    kind: Job['kind'];
    definition: JobDefinition;
    now: number;
  }): Promise<Job>;
  /** Inserts the run (queued) and its first attempt. */
  insertRun(run: NewRun): Promise<Run>;
  /**
   * Takes the queued attempt that comes first (priority, then age) among those available at `now`: one statement.
   * The caller applies `started` to its run in the same transaction.
   */
  claimAttempt(claim: Claim, now: number): Promise<Attempt | undefined>;
  /**
   * Applies a transition to the rows it was made from. False, and nothing changed, where either is no longer in that
   * state, or the attempt is held under another lease: the caller came late.
   */
  apply(run: Run, attempt: Attempt | undefined, change: Change, nextAttemptId: string): Promise<boolean>;
  /** False where the lease is no longer held. */
  renewLease(attemptId: string, leaseId: string, expiresAt: number): Promise<boolean>;
  /** Progress of the attempt that holds the lease. */
  recordProgress(attemptId: string, leaseId: string, progress: Progress): Promise<boolean>;
  /** Integer keys for the images of a run that completed. */
  insertImages(
    run: Run,
    attemptId: string,
    engine: string,
    images: readonly ImageResult[],
    now: number,
  ): Promise<void>;
  addLeftover(leftover: Leftover): Promise<void>;
  removeLeftover(engine: string, attemptId: string): Promise<void>;
  /** Undefined where the delivery is new and now recorded, else the run that it made the first time. */
  recordDelivery(source: string, deliveryId: string, runId: string, now: number): Promise<string | undefined>;
  /** Forgets the deliveries that were recorded before a time. */
  forgetDeliveries(before: number): Promise<void>;
  setSecret(runId: string, name: string, sealed: string): Promise<void>;
  deleteSecrets(runId: string): Promise<void>;
  /** The integer key of an engine's name, made on first use. */
  ensureEngine(name: string, now: number): Promise<number>;
}

export interface Progress {
  phase?: Phase;
  commit?: string;
  phases?: PhaseRecord[];
  steps?: StepRecord[];
  firstLine?: number;
}
