/** Chores that no two processes do at a time. */
export interface Exclusive {
  /**
   * Does a chore unless a process does it now, this one included; whether it did. `signal` is aborted where that can no
   * longer be held: then another may begin it.
   */
  only(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
  /** Whether a process does it now. */
  isDone(name: string): Promise<boolean>;
}
