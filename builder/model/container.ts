import type { SecretName } from './imagePlan.ts';
import type { Mark } from './spec.ts';

/** When an image is asked for at its registry. */
export const pullPolicies = ['missing', 'always', 'never'] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/** How a container gets its message. */
export const messageWays = ['env', 'file', 'stdin'] as const;
export type MessageWay = (typeof messageWays)[number];

/** All that the run of a container needs to know. Knows nothing of jobs, runs or the store. */
export interface ContainerSpec {
  /** Marks the container, so that it can be found, taken over and removed. */
  mark: Mark;
  /** A name with a tag or a digest, or the id of an image on the engine. */
  image: string;
  /** Who pulls it; the credential of its registry's host in the settings where nothing is said. */
  credentials?: { username: SecretName; password: SecretName };
  pull: PullPolicy;
  /** The image's own where nothing is said. */
  entrypoint?: string[];
  command?: string[];
  /** Values may be `secret:<name>`. */
  env: Record<string, string>;
  message?: ContainerMessage;
  workingDir?: string;
  user?: string;
  limits: ContainerLimits;
  /** `none`, or the name of a network of the engine; its usual one where nothing is said. Never the host's. */
  network?: string;
  /** Nothing of the image can be written to. */
  readOnly: boolean;
  /** Absolute paths that are in memory, and how many bytes each may hold; 0 is as many as the engine allows. */
  tmpfs: Record<string, number>;
  /** Milliseconds between TERM and KILL. */
  stopGraceMs: number;
  /** Where its result is looked for after it has ended with 0. */
  result?: 'last_line' | { file: string };
}

export interface ContainerMessage {
  text: string;
  /** The environment variable that holds it; with `_FILE` at its end the one that holds the path of its file. */
  name: string;
  /** A message that no environment variable can hold goes by `file` in place of `env`. */
  way: MessageWay;
}

export interface ContainerLimits {
  memoryBytes?: number;
  /** Cores, e.g. 1.5. */
  cpus?: number;
  /** Processes and threads. */
  pids: number;
}

export interface ContainerResult {
  /** `sha256:…` of the image that it ran. */
  imageId: string;
  /** A JSON text, where a result was looked for and found. */
  output?: string;
}

/** How many lines of a container's output are in the log already. */
export interface SeenLines {
  stdout: number;
  stderr: number;
  /** UTF-8 bytes of both, line ends included. */
  bytes: number;
  /** When the newest of them came, in milliseconds since 1970; undefined where there is none. */
  newestAt: number | undefined;
  /** The same of the oldest; where nothing is said, an output of which the engine lost only a part is not noticed. */
  oldestAt?: number | undefined;
}
