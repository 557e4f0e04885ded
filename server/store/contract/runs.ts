import type { Phase, PhaseRecord, StepRecord } from '../../../builder/model/spec.ts';
import type { Job } from '../../words/job.ts';
import type { Attempt, Place, Run, RunBody, RunRequest, RunState, Trigger } from '../../words/run.ts';
import type { Change } from '../../words/transitions/change.ts';
import type { StandingReads } from './standing.ts';

export interface NewRun {
  id: string;
  job: Pick<Job, 'id' | 'version' | 'project' | 'slug' | 'kind'>;
  /** A queued run is born with its first attempt; a delayed one needs `scheduledAt`. */
  state: 'queued' | 'delayed' | 'waiting';
  queue: string;
  priority: number;
  trigger: Trigger;
  ref: string;
  request: RunRequest;
  maxAttempts: number;
  timeoutMs: number;
  createdAt: number;
  /** Of the first attempt. */
  attemptId: string;
  parentRunId?: string;
  lineageDepth?: number;
  /** JSON text. */
  payload?: string;
  payloadHash?: string;
  tags?: Record<string, string>;
  metadata?: Record<string, string>;
  scheduledAt?: number;
  expiresAt?: number;
  idempotencyKey?: string;
  concurrencyKey?: string;
  debounceKey?: string;
  batchId?: string;
  createdBy?: string;
}

/** For the docker-builder door's lists. Child runs are in none, unless they are asked for by id. */
export interface RunFilter {
  project?: string;
  slug?: string;
  id?: string;
  ref?: string;
  bobfile?: string;
  /** Any of these; absent means every state. */
  states?: readonly RunState[];
  /** Only runs whose running attempt is in one of these phases; one of no image job is in `build` from its start. */
  phases?: readonly Phase[];
  archived?: boolean;
}

export interface RunPage {
  /** Only runs older than the one with this key. */
  beforeKey?: number;
  limit: number;
}

/** For the Strait door's lists: everything that is given must hold. */
export interface RunSearch {
  /** Absent: of all projects. */
  project?: string;
  jobId?: string;
  states?: readonly RunState[];
  triggers?: readonly Trigger[];
  batchId?: string;
  parentRunId?: string;
  /** A tag or metadata key, with or without a value. */
  tags?: readonly { key: string; value?: string }[];
  metadata?: readonly { key: string; value?: string }[];
  reasons?: readonly string[];
  /** Text that stands in the payload. */
  payloadContains?: string;
  /** What a payload that is an object must have, at any depth the same; only payloads up to 64 KiB are looked into. */
  payloadMembers?: Readonly<Record<string, unknown>>;
}

export interface FoundRuns {
  runs: Run[];
  /** The search looked at enough and stopped: there may be more before the run with this key. */
  stoppedAt?: number;
}

export interface RunReads extends StandingReads {
  run(id: string): Promise<Run | undefined>;
  /** Those of them that there are, in no certain order. */
  runsById(ids: readonly string[]): Promise<Run[]>;
  /** Runs that are worked on and are to stop. Costs as much as there are such. */
  runsToStop(): Promise<string[]>;
  /**
   * Runs that are newer than the one with a key, that run, and that ended at a time or later; each once, of each kind the
   * newest up to `limit`.
   */
  stirringRuns(since: { key: number; endedAt: number }, limit: number): Promise<Run[]>;
  runBody(runId: string): Promise<RunBody>;
  /** In the order of `runIds`. */
  runBodies(runIds: readonly string[]): Promise<RunBody[]>;
  /** Newest first. Cost follows the answer, not the history. */
  runs(filter: RunFilter, page: RunPage): Promise<Run[]>;
  /** How many runs a filter matches; without ref, bobfile and id it reads counters, not rows. */
  countRuns(filter: RunFilter): Promise<number>;
  /** Newest first. Looks at 20,000 runs at most where no index tells which of them fit. */
  searchRuns(search: RunSearch, page: RunPage & { createdBefore?: number }): Promise<FoundRuns>;
  /** The newest ended run of a job; with a key only among those runs that have it. */
  newestEndedRun(
    jobId: string,
    by?: { idempotencyKey: string } | { dependencyKey: string },
  ): Promise<Run | undefined>;
  /** When the n-th newest run of a job was created (n = 1 is the newest). */
  createdAtOfNewest(jobId: string, n: number): Promise<number | undefined>;
  /** The newest run with this payload that was created at `since` or later. */
  runByPayload(jobId: string, payloadHash: string, since: number): Promise<Run | undefined>;
  /** The run with this key that has not ended. */
  runByIdempotencyKey(jobId: string, key: string): Promise<Run | undefined>;
  /** The delayed run that further triggers with this key replace the payload of. */
  debouncedRun(jobId: string, key: string): Promise<Run | undefined>;
  /** Whether a run of a job has not ended. */
  hasOpenRun(jobId: string): Promise<boolean>;
  /** Runs of a job that have not ended, oldest first; costs as much as there are such runs. */
  openRuns(jobId: string, limit: number): Promise<Run[]>;
  /** The child runs of a run, oldest first. */
  childRuns(parentRunId: string): Promise<Run[]>;
  /** Runs with a concurrency key that have not ended, oldest first. */
  openRunsOfKey(jobId: string, concurrencyKey: string): Promise<Run[]>;
  /** Runs of a job that wait for a dependency, oldest first. */
  waitingRuns(jobId: string, page: { afterKey?: number; limit: number }): Promise<Run[]>;
  /** Of these the ones that look at a run with such keys: those with the same key, and those without any. */
  waitingRunsFor(
    jobId: string,
    parent: Pick<Run, 'idempotencyKey' | 'metadata'>,
    page: { afterKey: number; limit: number },
  ): Promise<Run[]>;
  /** Delayed runs that are due at `now`, the earliest first. */
  dueRuns(now: number, limit: number): Promise<Run[]>;
  /** Runs that have not started and whose time is over. */
  expirableRuns(now: number, limit: number): Promise<Run[]>;
  /** Ended runs that are not archived and ended before `completedBefore`, oldest first. */
  archivable(completedBefore: number, limit: number): Promise<Run[]>;
  secret(runId: string, name: string): Promise<string | undefined>;
}

export interface RunWrites {
  /** Inserts the run, and its first attempt where it is queued. */
  insertRun(run: NewRun): Promise<Run>;
  /** The same for many, in their order, with fewer statements. */
  insertRuns(runs: readonly NewRun[]): Promise<Run[]>;
  /**
   * Applies a transition to the rows it was made from; `attempt` is undefined where the run has none yet. False, and
   * nothing changed, where either is no longer in that state, or the attempt is held under another lease: the caller
   * came late. Line, counters and gates follow.
   */
  apply(run: Run, attempt: Attempt | undefined, change: Change, nextAttemptId: string): Promise<boolean>;
  setOutput(runId: string, output: string): Promise<void>;
  setPayload(runId: string, payload: string, payloadHash: string): Promise<void>;
  clearIdempotencyKey(runId: string): Promise<void>;
  /** Undefined where the delivery is new and now recorded, else the run that it made the first time. */
  recordDelivery(source: string, deliveryId: string, runId: string, now: number): Promise<string | undefined>;
  /** Forgets the deliveries that were recorded before a time. */
  forgetDeliveries(before: number): Promise<void>;
  setSecret(runId: string, name: string, sealed: string): Promise<void>;
  deleteSecrets(runId: string): Promise<void>;
}

/** Who takes an attempt. */
export interface AttemptClaim {
  place: Place;
  /** Null where the place is no engine. */
  engine: string | null;
  /** One that was never given before. */
  leaseId: string;
  leaseExpiresAt: number;
}

/** What one transaction knows of an attempt that runs: the run, and the line that it stands in, as they are now. */
export interface HeldAttempt {
  attempt: Attempt;
  run: Run;
  line: {
    key: number;
    /** Whether anything can follow from what happens in it: it has a limit, or a concurrency key. */
    isBound: boolean;
  };
  /** Where lists count it; null as its origin where none has it. */
  listed: { origin: number | null; course: number };
}

/** Who holds an attempt that runs. */
export interface RunningLease extends Pick<Attempt, 'id' | 'engine' | 'leaseId'> {
  /** 0 where it was given up. */
  leaseExpiresAt: number;
}

export interface AttemptReads {
  attempts(runId: string): Promise<Attempt[]>;
  attempt(id: string): Promise<Attempt | undefined>;
  /** The steps of all attempts of these runs, in no certain order. */
  stepsOfRuns(runIds: readonly string[]): Promise<Pick<Attempt, 'runId' | 'number' | 'steps'>[]>;
  /** Attempts that say running, oldest lease first. */
  runningAttempts(): Promise<Attempt[]>;
  /** What everybody who looks for lost attempts asks again and again. */
  runningLeases(): Promise<RunningLease[]>;
  leftovers(engine: string): Promise<Leftover[]>;
}

export interface AttemptWrites {
  /** The platforms that child runs wait for an engine of. */
  waitingPlatforms(): Promise<string[]>;
  /**
   * Takes the ready attempt whose turn it is: one statement. No limit of its job, key or queue is ever passed. The
   * caller applies `started` to its run in the same transaction.
   */
  claimAttempt(claim: AttemptClaim, now: number): Promise<HeldAttempt | undefined>;
  /** The same for up to `most` under one lease, in the order of their turns. There may be more, but where it gives none. */
  claimAttempts(claim: AttemptClaim, most: number, now: number): Promise<HeldAttempt[]>;
  /** Undefined where the attempt does not run any more under the lease that it is told with. */
  heldAttempt(attempt: Attempt): Promise<HeldAttempt | undefined>;
  /**
   * `apply` for what this very transaction was given by one of the two above, and has not changed since. That cannot
   * come too late, so nobody waits for the database to say so; where it does, nothing is committed.
   */
  applyHeld(held: HeldAttempt, change: Change, nextAttemptId: string): Promise<void>;
  /** False where the lease is no longer held. */
  renewLease(attemptId: string, leaseId: string, expiresAt: number): Promise<boolean>;
  /**
   * Gives an attempt that runs another lease, so that its holder has lost it. False where it does not run any more, or its
   * lease was renewed or given away since it was read.
   */
  adoptAttempt(attempt: Attempt, leaseId: string, expiresAt: number): Promise<boolean>;
  /** Progress of the attempt that holds the lease. */
  recordProgress(attemptId: string, leaseId: string, progress: Progress): Promise<boolean>;
  addLeftover(leftover: Leftover): Promise<void>;
  removeLeftover(engine: string, attemptId: string): Promise<void>;
  /** The integer key of an engine's name, made on first use. */
  ensureEngine(name: string, now: number): Promise<number>;
}

/** What a dead attempt may have left on an engine that could not be reached then. */
export interface Leftover {
  engine: string;
  attemptId: string;
  createdAt: number;
}

export interface Progress {
  phase?: Phase;
  commit?: string;
  phases?: PhaseRecord[];
  steps?: StepRecord[];
  firstLine?: number;
}
