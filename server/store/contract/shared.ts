import type { Bus } from './bus.ts';

/** What processes that have one database open have in common beside its tables. */
export interface Shared {
  readonly bus: Bus;
  /**
   * Milliseconds since 1970 by the database's clock, as far as it is known: all processes agree on it, however wrong the
   * clocks of their machines are. It never goes back by more than the next correction.
   */
  now(): number;
}
