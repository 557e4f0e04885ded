/** A versioned definition of work. */
export interface Job {
  key: number;
  /** UUIDv7. */
  id: string;
  project: string;
  slug: string;
  kind: 'image' | 'container' | 'http';
  enabled: boolean;
  version: number;
  /** `ver_` and 12 characters of 0-9a-z. */
  versionId: string;
  definition: JobDefinition;
  createdAt: number;
  updatedAt: number;
}

/** What a version pins. The ref, depth and token belong to the run and never make a version. */
export interface JobDefinition {
  image?: ImageDefinition;
  /** The settings' where it says nothing. */
  maxAttempts?: number;
  /** Limit of each attempt, in seconds; the configuration's where it says nothing. */
  timeoutSecs?: number;
}

export interface ImageDefinition {
  /** Fills `{account}` and `{repo}` of a source's URL template. */
  source: { account: string; repo: string };
  dockerfile: string;
  target?: string;
  buildArgs?: Record<string, string>;
  noCache?: boolean;
  pull?: boolean;
  memoryBytes?: number;
  cpus?: number;
  networkMode?: string;
  extraHosts?: string[];
  submodules?: boolean;
  lfs?: boolean;
}
