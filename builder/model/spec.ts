/** Where the tree to build comes from. */
export type Source = GitSource | FolderSource;

export interface GitSource {
  kind: 'git';
  /** An http(s) or ssh address that was checked against the allowed sources before it came here. */
  url: string;
  /** Branch, tag, full or short commit id, or `refs/…`. */
  ref: string;
  /** Only this many commits are fetched when the repository is seen for the first time. */
  depth?: number;
  submodules?: boolean;
  lfs?: boolean;
  /** Sent to the host of `url` only, by environment, never in an argument or a file. */
  credential?: Credential;
}

export interface FolderSource {
  kind: 'folder';
  path: string;
}

export interface Credential {
  username: string;
  password: string;
}

/** All that a build needs to know. Knows nothing of jobs, runs or the store. */
export interface BuildSpec {
  /** Marks everything the build leaves on an engine or a disk, so that it can be found and removed. */
  mark: Mark;
  source: Source;
  /** Path of the Dockerfile inside the context. */
  dockerfile: string;
  /** Folder of the source that is the context; "" is the whole tree. */
  contextPath: string;
  /** Account and repository that name the image. */
  account: string;
  repo: string;
  /** The branch or tag that the image is tagged by, where the ref is a commit id. */
  branch?: string;
  /** Path of the Bobfile that was asked for. It is not read: where the tree has it, the log says so. */
  bobfile: string;
  options: ImageOptions;
  limits: BuildLimits;
}

export interface Mark {
  /** The uuid of the store that owns the build. */
  store: string;
  /** The uuid of the attempt. */
  attempt: string;
}

/** What the Docker Engine is asked for, in its own terms. */
export interface ImageOptions {
  target?: string;
  buildArgs?: Record<string, string>;
  labels?: Record<string, string>;
  noCache?: boolean;
  pull?: boolean;
  memoryBytes?: number;
  memorySwapBytes?: number;
  /** Cores, e.g. 1.5. */
  cpus?: number;
  shmBytes?: number;
  networkMode?: string;
  /** `host:address` each. */
  extraHosts?: string[];
}

export interface BuildLimits {
  /** Bytes of the context as a tar, after .dockerignore. */
  contextBytes: number;
  /** Files, folders and links of the context. */
  contextEntries: number;
  /** Longest time git may take for one command, in milliseconds. */
  gitTimeoutMs: number;
}

export const phases = ['clone', 'build', 'push'] as const;
export type Phase = (typeof phases)[number];

export interface PhaseRecord {
  phase: Phase;
  startedAt: number;
  endedAt?: number;
  /** 0 after success; the exit code of git or of the failed RUN, else 1. */
  exitCode?: number;
}

export interface StepRecord {
  /** From 1. */
  number: number;
  total: number;
  /** The Dockerfile's instruction, as the engine prints it. */
  instruction: string;
  cached: boolean;
  startedAt: number;
  /** Milliseconds; absent while the step runs. */
  durationMs?: number;
}

export interface ImageLayer {
  /** The instruction that made the layer. */
  instruction: string;
  bytes: number;
}

export interface ImageResult {
  /** `sha256:…` */
  id: string;
  tags: string[];
  bytes: number;
  layers: ImageLayer[];
  steps: StepRecord[];
  platform: string;
  labels: Record<string, string>;
}

export interface BuildResult {
  /** Absent for a local folder. */
  commit?: string;
  images: ImageResult[];
}

/** What a build tells while it goes on. */
export type BuildEvent =
  | { type: 'phase:start'; phase: Phase; at: number }
  | { type: 'phase:end'; phase: Phase; at: number; exitCode: number }
  | { type: 'source:resolved'; commit: string }
  | { type: 'step:start'; step: StepRecord }
  | { type: 'step:end'; step: StepRecord };
