import type { MessageWay, PullPolicy } from '../../builder/model/container.ts';
import type { Builder } from '../../builder/model/imagePlan.ts';

export const jobKinds = ['image', 'container', 'http'] as const;
export type JobKind = (typeof jobKinds)[number];

/** A versioned definition of work. */
export interface Job {
  key: number;
  /** UUIDv7. */
  id: string;
  project: string;
  slug: string;
  kind: JobKind;
  /** Nothing of a disabled job can be triggered, and what is queued of it waits. */
  enabled: boolean;
  /** Nothing of a paused job is claimed; it can be triggered. */
  paused: boolean;
  version: number;
  /** `ver_` and 12 characters of 0-9a-z. */
  versionId: string;
  definition: JobDefinition;
  /** Who made it and who changed it last, e.g. `apikey:<id>`; null where nobody was named. */
  createdBy: string | null;
  updatedBy: string | null;
  createdAt: number;
  updatedAt: number;
}

export const retryStrategies = ['exponential', 'linear', 'fixed', 'custom'] as const;
export type RetryStrategy = (typeof retryStrategies)[number];

export const overlapPolicies = ['allow', 'skip', 'cancel_running'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

export const supersedePolicies = [
  'queue',
  'cancel_in_progress',
  'cancel_queued',
  'keep_newest_queued',
  'round_robin',
] as const;
export type SupersedePolicy = (typeof supersedePolicies)[number];

export const versionPolicies = ['pin', 'latest', 'minor'] as const;
export type VersionPolicy = (typeof versionPolicies)[number];

/** A budget of starts shared by all jobs of a project that name it. */
export interface RateLimitKey {
  name: string;
  /** Starts in any window of that length. */
  max: number;
  windowSecs: number;
}

/** What a version pins. The ref, depth and token belong to the run and never make a version. 0 and absent are the same. */
export interface JobDefinition {
  /** The slug where it says nothing. */
  name?: string;
  description?: string;
  groupId?: string;
  environmentId?: string;
  tags?: Record<string, string>;

  image?: ImageDefinition;
  container?: ContainerDefinition;
  http?: HttpDefinition;

  /** A subset of JSON Schema that a payload must fit: type, required, properties, items, enum. */
  payloadSchema?: Record<string, unknown>;
  defaultRunMetadata?: Record<string, string>;

  /** Five fields; read in `timezone` (an IANA name; UTC where it says nothing). */
  cron?: string;
  timezone?: string;
  overlapPolicy?: OverlapPolicy;
  /** Runs start only in minutes that it matches. */
  executionWindowCron?: string;

  /** The settings' where it says nothing. */
  maxAttempts?: number;
  /** Limit of each attempt, in seconds; the configuration's where it says nothing. */
  timeoutSecs?: number;
  retryStrategy?: RetryStrategy;
  retryDelaysSecs?: number[];
  /** Seconds after which a run that did not start has expired. */
  runTtlSecs?: number;

  maxConcurrency?: number;
  maxConcurrencyPerKey?: number;
  /** Triggers in any window; more are refused. */
  rateLimitMax?: number;
  rateLimitWindowSecs?: number;
  /** Starts; more wait. */
  rateLimitKeys?: RateLimitKey[];
  dedupWindowSecs?: number;
  debounceWindowSecs?: number;
  supersedePolicy?: SupersedePolicy;
  /** The named line that its runs wait in; `default` where it says nothing. */
  queue?: string;

  versionPolicy?: VersionPolicy;
  backwardsCompatible?: boolean;

  webhookUrl?: string;
  /** Sealed for the job's id. */
  webhookSecret?: string;
}

export interface ImageDefinition {
  /** Fills `{account}` and `{repo}` of a source's URL template. */
  source: { account: string; repo: string };
  /** Cloned from here in place of the template's address; account and repo name the image then. */
  url?: string;
  /** Built where a trigger names none. */
  ref?: string;
  /** The file that says what is built; `Bobfile`, where the source has one, where nothing is said. */
  bobfile?: string;
  /**
   * A path in the source; the usual `Dockerfile` is looked for in the context. A job that says another one, or any of
   * the next three or a repository, reads no Bobfile unless it names one.
   */
  dockerfile: string;
  context?: string;
  target?: string;
  buildArgs?: Record<string, string>;
  /** The image's name without a tag, e.g. `quay.io/acme/app`; without it the image stays on the engine. */
  repository?: string;
  /** May hold macros; the short commit and the branch where it says nothing. */
  tags?: string[];
  /** Whether it goes to the registry of `repository`; true where it says nothing. */
  push?: boolean;
  /** `auto` where it says nothing. */
  builder?: Builder;
  platforms?: string[];
  labels?: Record<string, string>;
  /** Names of secrets of the settings, by the ids that RUN --mount knows them by. */
  secrets?: Record<string, string>;
  /** The name of a secret that holds a private key. */
  ssh?: string;
  /** Images whose layers may be used. */
  cacheFrom?: string[];
  /** Names that the image is pushed under besides its own, with its cache in it. */
  cacheTo?: string[];
  /** Whether the image carries its own cache. */
  cacheInline?: boolean;
  noCache?: boolean;
  pull?: boolean;
  memoryBytes?: number;
  cpus?: number;
  networkMode?: string;
  extraHosts?: string[];
  submodules?: boolean;
  lfs?: boolean;
}

/** A command in a container. */
export interface ContainerDefinition {
  /** A name with a tag or a digest, or what the newest run of an image job of the project built, which it names by its slug. */
  image: string | { job: string };
  /** The image's own where nothing is said. */
  command?: string[];
  entrypoint?: string[];
  /** Values may be `secret:<name>`. */
  env?: Record<string, string>;
  workingDir?: string;
  user?: string;
  memoryBytes?: number;
  cpus?: number;
  /** Processes and threads; 512 where it says nothing. */
  pidsLimit?: number;
  /** `none`, `bridge` or the name of a network of the engine; `bridge` where it says nothing. */
  network?: string;
  readOnly?: boolean;
  /** Absolute paths that are in memory, and how many bytes each may hold; 0 is as many as the engine allows. */
  tmpfs?: Record<string, number>;
  /** `missing` where it says nothing. */
  pull?: PullPolicy;
  /** Names of secrets that the image is pulled with. */
  credentials?: { username: string; password: string };
  /** How the payload gets there; `env` where it says nothing. */
  message?: MessageWay;
  /** Seconds between TERM and KILL; 10 where it says nothing. */
  stopGraceSecs?: number;
  /** Where the run's result is looked for. */
  result?: 'last_line' | { file: string };
}

export interface HttpDefinition {
  /** http or https. */
  url: string;
  /**
   * Asked once in the same attempt where `url` cannot be reached, is too slow or asks for patience. Each of the two has
   * half of the attempt's time then.
   */
  fallbackUrl?: string;
  headers?: Record<string, string>;
  /** Signs what is sent; sealed for the job's id. */
  signingSecret?: string;
}

/** A definition as it was, or is, in one version. */
export interface JobVersion {
  /** Of the version's own row, a UUIDv7. */
  id: string;
  jobId: string;
  version: number;
  versionId: string;
  /** The job's slug in that version. */
  slug: string;
  definition: JobDefinition;
  createdAt: number;
}

/** Runs of `jobId` wait until the newest run of `dependsOnJobId` that concerns them has ended as `condition` says. */
export interface Dependency {
  id: string;
  jobId: string;
  dependsOnJobId: string;
  condition: DependencyCondition;
  createdAt: number;
}

export const dependencyConditions = ['completed', 'failed', 'any'] as const;
export type DependencyCondition = (typeof dependencyConditions)[number];
