import type { Run } from '../../words/run.ts';

/** How a run stands: what is asked for again and again while somebody waits for its end. */
export interface RunStanding extends Pick<Run, 'id' | 'project' | 'state' | 'attempt' | 'startedAt'> {
  /** The integer of its first attempt; null until that was started. */
  firstAttempt: number | null;
  /** Of an ended run: the newest one that a client made to retry it. */
  retriedAs: string | null;
}

export interface StandingReads {
  /** Undefined for a child run too: its parent answers for it. */
  runStanding(id: string): Promise<RunStanding | undefined>;
}
