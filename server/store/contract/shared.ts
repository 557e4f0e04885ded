import type { AllowanceStore } from './allowances.ts';
import type { Bus } from './bus.ts';
import type { CallStore } from './calls.ts';
import type { Exclusive } from './exclusive.ts';
import type { Notes } from './notes.ts';
import type { Leases } from './leases.ts';
import type { LogChunks } from './logChunks.ts';
import type { Members } from './members.ts';

/** What processes that have one database open have in common beside its tables. */
export interface Shared extends Exclusive, Leases, Notes {
  readonly bus: Bus;
  /** What processes ask of each other. */
  readonly calls: CallStore;
  /** What keys and addresses may still do, at all processes together. */
  readonly allowances: AllowanceStore;
  /** Logs of runs. */
  readonly chunks: LogChunks;
  readonly members: Members;
  /**
   * Milliseconds since 1970 by the database's clock, as far as it is known: all processes agree on it, however wrong the
   * clocks of their machines are. It never goes back by more than the next correction.
   */
  now(): number;
  /**
   * Aborted, with an Error that says it in a sentence, when a newer program took the store so far that this one does not
   * understand it any more: it must stop.
   */
  readonly outdated: AbortSignal;
}
