import type { ImagePlan } from './imagePlan.ts';
import type { ImageRecipe } from './recipe.ts';

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
  /** What it is a working copy of, where it is one; it may have changes. */
  commit?: string;
  branch?: string;
  /** The newest tag, as `git describe` says it. */
  tag?: string;
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
  /** Name the images that name themselves no registry. */
  account: string;
  repo: string;
  /** The branch or tag that the image is tagged by, where the ref is a commit id. */
  branch?: string;
  /** The file that says what is built; absent where it is `image`, whatever the source has. */
  bobfile?: BobfileWish;
  /** What is built where no Bobfile is read. */
  image: ImagePlan;
  /** Of all that the source is made of only this is built: what another build has asked for. */
  part?: ImagePart;
  /** For every image, whatever its plan says. */
  resources: Resources;
  /** What the engine allows of the network of RUN; absent: everything. See `runNetwork`. */
  network?: string;
  limits: BuildLimits;
}

/** One image for one platform. */
export interface ImagePart {
  /** As its plan names it. */
  image: string;
  platform: string;
}

export interface BobfileWish {
  /** In the source. */
  path: string;
  /** Whether the build fails where there is none. */
  required: boolean;
}

export interface Mark {
  /** The uuid of the store that owns the build. */
  store: string;
  /** The uuid of the attempt. */
  attempt: string;
}

/** What a RUN step may use. */
export interface Resources {
  memoryBytes?: number;
  memorySwapBytes?: number;
  /** Cores, e.g. 1.5. */
  cpus?: number;
}

/** What the Docker Engine is asked for, in its own terms. */
export interface ImageOptions extends Resources {
  target?: string;
  buildArgs?: Record<string, string>;
  labels?: Record<string, string>;
  noCache?: boolean;
  pull?: boolean;
  shmBytes?: number;
  networkMode?: string;
  /** `host:address` each. */
  extraHosts?: string[];
  /** The engine's own where nothing is said. */
  platform?: string;
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
  /** The image it belongs to, where the build makes several. */
  image?: string;
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
  /** As its plan names it; absent in results of builds of a single image. */
  name?: string;
  /** `sha256:…` */
  id: string;
  /** Full names. */
  tags: string[];
  /** What a registry has of it; absent or empty where nothing was pushed. */
  pushed?: PushedImage[];
  /**
   * Of an image for several platforms: what was pushed is a list of these. All else here is of one of them, of
   * that which was built beside the list where there is such a one.
   */
  platforms?: PlatformImage[];
  bytes: number;
  layers: ImageLayer[];
  steps: StepRecord[];
  platform: string;
  labels: Record<string, string>;
  /** What its last stage is made FROM; absent for `scratch`. */
  base?: { name: string; id?: string; digest?: string };
  builder?: 'classic' | 'buildkit';
  /** From the first byte that was sent until the image was there, in milliseconds. */
  durationMs?: number;
  /** For its build record. */
  recipe?: ImageRecipe;
}

/** The image of one platform in a registry. */
export interface PlatformImage {
  platform: string;
  /** `sha256:…` of its manifest. */
  digest: string;
  bytes: number;
}

export interface PushedImage {
  /** Without a tag, e.g. `quay.io/acme/app`. */
  repository: string;
  tags: string[];
  /** `sha256:…` of the manifest in the registry. */
  digest: string;
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
