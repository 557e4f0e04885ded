import type { ImageOptions } from './spec.ts';

export const builders = ['classic', 'buildkit', 'auto'] as const;
/** `auto`: BuildKit where the Dockerfile needs it, else the classic builder. */
export type Builder = (typeof builders)[number];

/** One image that a build makes: an entry of a Bobfile, or what a job says where there is none. */
export interface ImagePlan {
  /** Unique in its build; what `depends` and the log name it by. */
  name: string;
  /** Path of the Dockerfile in the source, also where the context is a folder of it; absent: in the context. */
  dockerfile?: string;
  /** Folder of the source that is the context; "" is the whole. */
  context: string;
  /**
   * The image's name without a tag, e.g. `quay.io/acme/app`; a first part without "." and ":" is an account of Docker
   * Hub. Absent: it is named by account and repository, and stays on the engine.
   */
  repository?: string;
  /** Each may hold macros: see `renderTag`. Empty: short commit and branch. */
  tags: readonly string[];
  /** Whether it goes to its registry; nothing goes there without `repository`. */
  push: boolean;
  /** For the push, in place of what the configuration knows of the registry. */
  credentials?: PlannedCredentials;
  builder: Builder;
  /** `os/arch[/variant]` each; empty: the engine's own. */
  platforms: readonly string[];
  /** For `RUN --mount=type=secret,id=…`. */
  secrets: readonly { id: string; secret: SecretName }[];
  /** A private key for `RUN --mount=type=ssh`. */
  ssh?: SecretName;
  cache: CachePlan;
  /** Names of images of the same build that must be there first. */
  depends: readonly string[];
  options: ImageOptions;
}

/** The name of a secret of the settings: what `secret:<name>` refers to, without the prefix. */
export type SecretName = string;

export type PlannedCredentials =
  | { username: string | { secret: SecretName }; password: { secret: SecretName }; email?: string }
  /** The secret's value is `username:password`. */
  | { pair: SecretName };

export interface CachePlan {
  /** Images whose layers may be used. */
  from: readonly string[];
  /** The image's own cache is written into it, so that others may take it from the registry (BuildKit only). */
  inline: boolean;
  /** Names that the image is pushed under besides its own, for others to take its cache `from`. */
  to: readonly string[];
}
