import type { Attempt } from '../words/run.ts';
import type { EngineReads, EngineWrites } from './contract/engines.ts';
import type { ExecutionReads, ExecutionWrites } from './contract/executions.ts';
import type { FigureReads } from './contract/figures.ts';
import type { ImageReads, ImageWrites } from './contract/images.ts';
import type { JobReads, JobWrites } from './contract/jobs.ts';
import type { KeyReads, KeyWrites } from './contract/keys.ts';
import type { LineReads, LineWrites } from './contract/lines.ts';
import type { OutboxReads, OutboxWrites } from './contract/outbox.ts';
import type { RetentionReads, RetentionWrites } from './contract/retention.ts';
import type { AttemptReads, AttemptWrites, RunReads, RunWrites } from './contract/runs.ts';
import type { SealWrites } from './contract/sealing.ts';
import type { Shared } from './contract/shared.ts';
import type { StatsReads, StatsWrites } from './contract/stats.ts';

export interface WriteOptions {
  goesLast?: boolean;
  /** The work will ask for this one by `heldAttempt`: those of works that are committed together are asked for at once. */
  holds?: Pick<Attempt, 'id' | 'leaseId' | 'runId'>;
}

/** The database is the queue: every method that changes something lives in a `Tx`, and is durable when `write` resolves. */
export interface Store {
  /** Made once with the store; marks on an engine what belongs to it. */
  readonly id: string;
  /**
   * What processes that have it open have in common. Undefined where no other process can have it open: then nobody holds a
   * lease that a process before this one gave.
   */
  readonly shared: Shared | undefined;
  /** Reads of what is committed. */
  readonly read: Reads;
  /**
   * Runs `work` in a transaction and resolves after its durable commit. `work` awaits nothing but the methods of
   * its `tx`: many such works share one commit, and no two ever overlap, in whatever process they are. Where it
   * throws, only its own changes are undone. One that goes last sees what those have changed that share its commit.
   */
  write<T>(work: (tx: Tx) => Promise<T>, options?: WriteOptions): Promise<T>;
  close(): Promise<void>;
}

export interface Reads
  extends
    JobReads,
    RunReads,
    AttemptReads,
    ExecutionReads,
    ImageReads,
    EngineReads,
    LineReads,
    StatsReads,
    OutboxReads,
    KeyReads,
    RetentionReads,
    FigureReads {
  /** Answers or throws; for readiness. */
  ping(): Promise<void>;
}

export interface Tx
  extends
    Reads,
    JobWrites,
    RunWrites,
    AttemptWrites,
    ImageWrites,
    EngineWrites,
    LineWrites,
    StatsWrites,
    OutboxWrites,
    KeyWrites,
    RetentionWrites,
    ExecutionWrites,
    SealWrites {}
