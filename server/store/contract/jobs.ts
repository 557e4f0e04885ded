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

/** What every list of jobs, and of what they did, needs of them. */
export type JobHead = Pick<
  Job,
  'key' | 'id' | 'project' | 'slug' | 'kind' | 'enabled' | 'paused' | 'version'
>;

/** Of a job what lists of many sort and filter by. */
export type JobRow = JobHead & Pick<Job, 'createdAt' | 'updatedAt'>;

export interface JobReads {
  job(id: string): Promise<Job | undefined>;
  /** By its integer, with that of its current version's row. */
  jobByKey(key: number): Promise<{ job: Job; versionKey: number } | undefined>;
  /** Of one project or of all, in the order of their keys. */
  jobRows(project: string | undefined, page: { afterKey: number; limit: number }): Promise<JobRow[]>;
  jobBySlug(project: string, slug: string): Promise<Job | undefined>;
  /** The jobs of all projects that have a slug, at most two: who asks wants to know whether there is exactly one. */
  jobsBySlug(slug: string): Promise<Job[]>;
  jobs(filter: JobFilter, page: JobPage): Promise<Job[]>;
  /** The projects whose images are called `<folder>/…` where nothing else is said. */
  projectsByImageFolder(folder: string): Promise<string[]>;
  /**
   * The tag that every container job of a project runs its image by; null where each has its own, undefined where there
   * is no such project.
   */
  projectRevision(project: string): Promise<string | null | undefined>;
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
  /** The ticks after one and up to a time, the earliest first. */
  comingTicks(after: Tick, until: number, limit: number): Promise<ComingTick[]>;
  /** Jobs that were deleted and whose runs are not all removed yet. */
  deletedJobs(limit: number): Promise<string[]>;
  /** The first runs of a job. */
  oldestRuns(jobId: string, limit: number): Promise<{ key: number; id: string }[]>;
}

/** A moment at which the schedule of a job wants a run. */
export interface Tick {
  jobId: string;
  at: number;
}

export interface ComingTick extends Tick {
  /** Whether its run, as far as can be told, is the first of the job's version: see `prepareFor`. */
  isNew: boolean;
}

/** A tick with what can have changed since somebody read its job; the definition of a version never changes. */
export interface DueTick extends Tick {
  version: number;
  enabled: boolean;
  paused: boolean;
  /** Whether the job depends on others. */
  depends: boolean;
  /** Whether a run of the job has not ended. */
  busy: boolean;
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
  /** Sets the tag for all container jobs of a project, or takes it back; false where there is no such project. */
  lockRevision(project: string, tag: string | null): Promise<boolean>;
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
   * Deletes a job with its dependencies in both directions and its schedule: it is not there any more, for anybody. Its
   * runs are, until `removeRuns`. False, and nothing deleted, where there is none or a run of it has not ended.
   */
  deleteJob(jobId: string, now: number): Promise<boolean>;
  /** Removes the runs of a deleted job up to a key with all that is kept of them, but for their logs. */
  removeRuns(jobId: string, upToKey: number): Promise<void>;
  /** Removes what is left of a deleted job. It must have no runs any more. */
  forgetJob(jobId: string): Promise<void>;
  /** Undefined where the pair is there already. */
  insertDependency(dependency: Dependency): Promise<Dependency | undefined>;
  /** False where the job has none of this id. */
  deleteDependency(jobId: string, id: string): Promise<boolean>;
  /** The next tick of a job; null takes it off the schedule. */
  setSchedule(jobId: string, nextAt: number | null): Promise<void>;
  /** Ticks that are due, the earliest first. */
  dueTicks(now: number, limit: number): Promise<DueTick[]>;
  /** Takes a tick that `dueTicks` gave in this same transaction; null takes the job off the schedule. */
  advanceSchedule(jobId: string, from: number, to: number | null): void;
}

export interface JobChange {
  versionId: string;
  versionRowId: string;
  slug: string;
  definition: JobDefinition;
  updatedBy: string | null;
  now: number;
}
