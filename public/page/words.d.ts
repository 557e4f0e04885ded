/** What the server's documented HTTP interface sends, as far as the page reads it. */

export type Status =
  'created' | 'cloning' | 'building' | 'pushing' | 'completed' | 'errored' | 'canceled' | 'archived';

export interface Job {
  id: string;
  account: string;
  repo: string;
  ref: string;
  status: Status;
  /** Where no image is built; account and repo are project and slug of its job then. */
  kind?: 'container' | 'http';
  /** RFC 3339; 0001-01-01T00:00:00Z means: not yet. */
  created: string;
  completed: string;
  archived: string;
  log_route?: string;
  info_route?: string;
  bobfile?: string;
  commit?: string;
  error?: string;
  reason?: string;
  /** The last of `images`. */
  image?: Image | null;
  images?: Image[];
}

export interface Image {
  /** Absent where the build makes one only. */
  name?: string;
  id: string;
  tags?: string[];
  bytes: number;
  platform?: string;
  /** What registries have of it. */
  pushed?: { repository: string; digest: string }[];
  base?: { name: string; digest?: string };
  /** Since the image before it. */
  difference?: { bytes: number };
  layers?: { instruction: string; bytes: number }[];
}

export interface Attempt {
  number: number;
  state: string;
  engine?: string | null;
  reason?: string | null;
  error?: string | null;
  exit_code?: number | null;
  phases?: Phase[];
  steps?: Step[];
  first_line?: number | null;
  last_line?: number | null;
}

/** A run as `/v1` shows it. */
export interface Run {
  job_id: string;
  payload?: object;
  /** Of a run that has one: what its container or its endpoint gave back. */
  result?: unknown;
}

/** A process that shares the work. */
export interface Worker {
  name: string;
  role: string;
  state: string;
  host: string;
  version: string;
  labels: Record<string, string>;
  last_seen_at: string;
  running: number;
  engines: { name: string; state: string; platform?: string; slots: number; busy: number }[];
}

/** Times in milliseconds since 1970. */
export interface Phase {
  phase: string;
  startedAt: number;
  endedAt?: number;
  exitCode?: number;
}

export interface Step {
  /** The name of its image, where the build makes several. */
  image?: string;
  number: number;
  total: number;
  instruction: string;
  cached: boolean;
  startedAt: number;
  /** Milliseconds; absent while the step runs. */
  durationMs?: number;
}

export type LogStream = 'stdout' | 'stderr' | 'system';

/** Time in milliseconds, stream, whole lines each ended by "\n". */
export type Block = [at: number, stream: LogStream, text: string];

export interface LineRange {
  first: number;
  last: number;
  blocks: Block[];
}

export type Frame =
  | { type: 'lines'; first: number; blocks: Block[] }
  | { type: 'gap'; first: number; last: number }
  | { type: 'state'; status: Status; phase?: string | null; attempt?: number }
  | { type: 'step'; step: Step }
  | { type: 'end'; status: Status; reason?: string | null; error?: string | null; lines?: number };

/** One line of a log as the page keeps it; `text` may still hold escape sequences. */
export interface Line {
  at: number;
  stream: LogStream;
  text: string;
}

/** A colour: none, a number of the 256-colour palette, or `#rrggbb`. */
export type Colour = number | string | undefined;

export interface TextStyle {
  fg: Colour;
  bg: Colour;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  strike: boolean;
}

export interface Segment {
  text: string;
  style: TextStyle;
}
