import type { Dependency, Job, JobDefinition, JobVersion } from '../../words/job.ts';

export interface JobFilter {
  project: string;
  slug?: string;
  /** Jobs that have this tag; with `tagValue` only those where it has this value. */
  tagKey?: string;
  tagValue?: string;
}

/** Newest first; only those with a key below `beforeKey`, and made before `createdBefore`. */
export interface JobPage {
  beforeKey?: number;
  createdBefore?: number;
  limit: number;
}

export interface JobReads {
  job(id: string): Promise<Job | undefined>;
  jobBySlug(project: string, slug: string): Promise<Job | undefined>;
  /** The jobs of all projects that have a slug, at most two: who asks wants to know whether there is exactly one. */
  jobsBySlug(slug: string): Promise<Job[]>;
  jobs(filter: JobFilter, page: JobPage): Promise<Job[]>;
  /** The superseded versions, newest first: never the current one. */
  jobVersions(
    jobId: string,
    page: { beforeVersion?: number; createdBefore?: number; limit: number },
  ): Promise<JobVersion[]>;
  /** Also the current one. */
  jobVersion(jobId: string, versionId: string): Promise<JobVersion | undefined>;
  /** The same by its number. */
  jobVersionNumber(jobId: string, version: number): Promise<JobVersion | undefined>;
  /** What a job depends on, newest first. */
  dependencies(jobId: string): Promise<Dependency[]>;
  /** What depends on a job. */
  dependents(jobId: string): Promise<Dependency[]>;
  /** The tick that comes next of all. */
  nextScheduleAt(): Promise<number | undefined>;
}

export interface NewJob {
  id: string;
  versionId: string;
  /** Of the first version's row. */
  versionRowId: string;
  project: string;
  slug: string;
  kind: Job['kind'];
  enabled: boolean;
  definition: JobDefinition;
  createdBy: string | null;
  now: number;
}

export interface JobWrites {
  /** The job of this project and slug, made as version 1 where there is none yet. */
  ensureJob(job: NewJob): Promise<Job>;
  /** Undefined where the project has that slug already. */
  insertJob(job: NewJob): Promise<Job | undefined>;
  /**
   * Makes the next version. `stale` where `before` is no longer the newest version, `slug_taken` where the project has
   * another job of that slug. What limits the job takes effect at once, also on runs that wait.
   */
  changeJob(before: Job, change: JobChange): Promise<Job | 'stale' | 'slug_taken'>;
  /** Makes no version. Gives the jobs that there are among `ids`, as they are now. */
  setJobFlags(
    ids: readonly string[],
    flags: { enabled?: boolean; paused?: boolean },
    now: number,
  ): Promise<Job[]>;
  /**
   * Removes a job with its versions, dependencies in both directions, schedule and ended runs; gives the ids of those
   * runs, whose logs are the caller's to remove. Undefined, and nothing removed, where a run of it has not ended.
   */
  deleteJob(jobId: string): Promise<string[] | undefined>;
  /** Undefined where the pair is there already. */
  insertDependency(dependency: Dependency): Promise<Dependency | undefined>;
  /** False where the job has none of this id. */
  deleteDependency(jobId: string, id: string): Promise<boolean>;
  /** The next tick of a job; null takes it off the schedule. */
  setSchedule(jobId: string, nextAt: number | null): Promise<void>;
  /** Jobs whose tick is due, the earliest first. */
  dueSchedules(now: number, limit: number): Promise<{ jobId: string; nextAt: number }[]>;
  /** False where somebody else has taken this tick. */
  advanceSchedule(jobId: string, from: number, to: number | null): Promise<boolean>;
}

export interface JobChange {
  versionId: string;
  versionRowId: string;
  slug: string;
  definition: JobDefinition;
  updatedBy: string | null;
  now: number;
}
