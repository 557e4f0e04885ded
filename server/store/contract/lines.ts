import type { QueueTerms } from '../../words/queue.ts';
import type { Place } from '../../words/run.ts';
import type { NewRun } from './runs.ts';
import type { QueueReads, QueueWrites } from './queues.ts';

export interface LineReads extends QueueReads {
  /**
   * The next moment at which something changes by itself: a delayed run or a retry is due, a gate opens, a run expires.
   * Milliseconds since 1970; it may be over already.
   */
  nextDueAt(): Promise<number | undefined>;
  /** The places that an attempt could be claimed for. */
  claimable(): Promise<Place[]>;
  queues(): Promise<Queue[]>;
}

export interface LineWrites extends QueueWrites {
  /** Makes the retries that are due ready and reopens the gates whose time has come; how many there were. */
  openDue(now: number, limit: number): Promise<number>;
  /**
   * Makes what the first of such runs would have to make beside itself, a line and an origin, where there is none: while
   * there is time for it. Nothing else changes.
   */
  prepareFor(runs: readonly NewRun[]): Promise<void>;
  /** A queue that is not set has no cap and is not paused. Takes effect at once. */
  setQueue(queue: Queue, now: number): Promise<void>;
}

export type Queue = { name: string } & QueueTerms;
