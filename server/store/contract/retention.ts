import type { Run } from '../../words/run.ts';

/** What an attempt made, or went on from, on an engine. */
export interface BuiltImage {
  engine: string;
  /** 12 hex digits of its id. */
  image: string;
  /** The newest attempt that made or used it, and its job. */
  attemptId: string;
  jobId: string;
  /** The full names that its build gave it; none where it is only a step. */
  names: readonly string[];
  /** Whether the classic builder told of it as a step that was not there before. */
  isLayer: boolean;
  madeAt: number;
  usedAt: number;
}

/** The same with what the store knows of its attempt. */
export interface RememberedImage extends BuiltImage {
  /** Its attempt made the newest image, of its name and platform, that the job has. */
  isNewest: boolean;
  /** Key of its attempt's run; null where that was removed. */
  runKey: number | null;
}

/** A run as the one who decides about its removal sees it. */
export interface OldRun extends Pick<
  Run,
  'key' | 'id' | 'jobId' | 'project' | 'slug' | 'parentRunId' | 'idempotencyKey' | 'createdAt' | 'completedAt'
> {
  dependencyKey: string | null;
}

/** Where a walk along what ended goes on. */
export interface EndedPlace {
  completedAt: number;
  key: number;
}

export type NameKind = 'member' | 'engine';

/** A member of which something is wished, or an engine, and when it was last seen that somebody has the name. */
export interface UnseenName {
  kind: NameKind;
  name: string;
  seenAt: number;
}

/** The engines that some attempts or images tell of, in the order of their keys; `nextKey` where there are more of them. */
export type EngineUses = (page: {
  by: 'attempts' | 'images';
  afterKey: number;
  limit: number;
}) => Promise<{ names: string[]; nextKey: number | undefined }>;

export interface RetentionReads {
  /** Those that nobody was seen to have since then, as far as it was noted. */
  unseenNames(before: number): Promise<UnseenName[]>;
  engineUses: EngineUses;
  builtImages(engine: string): Promise<RememberedImage[]>;
  /** In the order of their keys, those that have not ended included. */
  runsByKey(page: { afterKey: number; limit: number }): Promise<OldRun[]>;
  /** Ended runs of a job, oldest first, but for its newest `newest` ones. */
  endedRunsBut(jobId: string, page: { newest: number; afterKey: number; limit: number }): Promise<OldRun[]>;
  /** Jobs with more runs than `runs`. */
  crowdedJobs(runs: number): Promise<{ project: string; slug: string }[]>;
  /** Ended runs whose log is there, those that ended first first. */
  unarchivedRuns(page: { before: number; after: EndedPlace; limit: number }): Promise<OldRun[]>;
  /** The newest completed runs of a job: of all, and of those that are nobody's child. */
  lastSuccesses(jobId: string): Promise<Pick<Run, 'id' | 'parentRunId'>[]>;
  /** Whether a run that has not ended has this one as its parent. */
  hasOpenChild(runId: string): Promise<boolean>;
}

export interface RetentionWrites {
  /** Notes that somebody has these names. */
  sawNames(names: readonly Pick<UnseenName, 'kind' | 'name'>[], now: number): Promise<void>;
  /** With what was wished of it, unless it was seen since. An engine must not be in use. */
  forgetName(name: UnseenName): Promise<boolean>;
  /** Notes what an attempt made. What is there keeps the time at which it was made. */
  rememberImages(images: readonly BuiltImage[]): Promise<void>;
  /** Notes that a newer attempt went on from images; those that nobody remembers stay unknown. */
  useImages(
    images: readonly string[],
    by: Pick<BuiltImage, 'engine' | 'attemptId' | 'jobId' | 'usedAt'>,
  ): Promise<void>;
  forgetImages(engine: string, images: readonly string[]): Promise<void>;
  /** Removes ended runs with all that is kept of them, but for their logs; how many there were. */
  removeEndedRuns(runIds: readonly string[]): Promise<number>;
}
