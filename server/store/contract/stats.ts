import type { RunState } from '../../words/run.ts';

/** How the ended runs of a job that were created since a time went. */
export interface JobStats {
  byState: Partial<Record<RunState, number>>;
  /** Of completed runs, from start to end, in milliseconds; 0 without any. */
  averageMs: number;
  p95Ms: number;
  p99Ms: number;
}

export interface StatsReads {
  /** How many runs of a project, or of all, there are in each state; it reads counters, not runs. */
  runCounts(project: string | undefined): Promise<Partial<Record<RunState, number>>>;
  /**
   * Costs as much as a few dozen time slots, however many runs there were. `since` is rounded down to 5 minutes, or to an
   * hour where it is two days ago or more; what is older than 35 days is forgotten.
   */
  jobStats(jobId: string, since: number, now: number): Promise<JobStats>;
}

export interface StatsWrites {
  /** Forgets the slots that nobody asks for any more; how many, at most 3 × `limit`. */
  pruneStats(now: number, limit: number): Promise<number>;
}
