import type { JobKind } from './job.ts';
import type { RunResult } from './image.ts';
import type { Phase, PhaseRecord, StepRecord } from '../../builder/model/spec.ts';

export const runStates = [
  'waiting',
  'delayed',
  'queued',
  'running',
  'completed',
  'dead_letter',
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'canceled',
  'expired',
] as const;
export type RunState = (typeof runStates)[number];

export const terminalRunStates = [
  'completed',
  'dead_letter',
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'canceled',
  'expired',
] as const satisfies readonly RunState[];

export const attemptStates = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'canceled',
  'lost',
  'released',
] as const;
export type AttemptState = (typeof attemptStates)[number];

export const triggers = ['api', 'webhook', 'cron', 'dependency', 'retry', 'cli'] as const;
export type Trigger = (typeof triggers)[number];

/** What a run of an image job was asked for; the secrets of a request are not part of it. */
export interface RunRequest {
  depth?: number;
  /** Stored and returned; reading it belongs to the Bobfile. */
  bobfile?: string;
  /** The branch or tag that a webhook's commit was pushed to; the image is tagged by it. */
  branch?: string;
  /** Of a child run only. */
  part?: Part;
}

/** What a child run does of its parent's build: one image for one platform, at the commit that is the child's ref. */
export interface Part {
  /** As its plan names it. */
  image: string;
  /** `os/arch[/variant]` */
  platform: string;
  /** What the parent was asked for. Who may use what is decided by it: a commit id tells nothing. */
  ref: string;
}

/** Whether it is a child run: its parent answers for it, to dependents, counters, limits and the outside. */
export function isPart({ request }: Pick<Run, 'request'>): boolean {
  return request.part !== undefined;
}

/** Where an attempt is worked on: a slot of an engine, or a slot of the server's own HTTP client. */
export const places = ['engine', 'http'] as const;
/** An attempt of a child run needs an engine for its platform. */
export type Place = (typeof places)[number] | PlatformPlace;
export type PlatformPlace = `engine/${string}`;

export function placeOf({ kind, request: { part } }: Pick<Run, 'kind' | 'request'>): Place {
  if (kind === 'http') return 'http';
  return part ? placeFor(part.platform) : 'engine';
}

/** Where child runs for a platform are worked on. */
export function placeFor(platform: string): PlatformPlace {
  return `engine/${platform}`;
}

/** How long the parts of a finished HTTP dispatch took, in whole milliseconds. */
export interface ExecutionTrace {
  queueWaitMs: number;
  dequeueMs: number;
  connectMs: number;
  ttfbMs: number;
  transferMs: number;
  dispatchMs: number;
  totalMs: number;
}

/** What a run was given and what it gave back, as JSON texts; kept apart because they may be megabytes. */
export interface RunBody {
  /** As it was sent. */
  payload: string | null;
  output: string | null;
}

/** One request to do a job. Times are milliseconds since 1970. */
export interface Run {
  /** Integer key, below 2^31, never reused. */
  key: number;
  /** UUIDv7. */
  id: string;
  jobId: string;
  jobVersion: number;
  project: string;
  slug: string;
  kind: JobKind;
  queue: string;
  state: RunState;
  /** 0 to 10, higher first. */
  priority: number;
  trigger: Trigger;
  ref: string;
  request: RunRequest;
  /** The phase that the running attempt is in. */
  phase: Phase | null;
  commit: string | null;
  /** A reason of the catalogue where the run did not complete. */
  reason: string | null;
  /** A sentence for a person. */
  error: string | null;
  result: RunResult | null;
  /** Number of the newest attempt, from 1; 0 while the run waits or is delayed. */
  attempt: number;
  /** Attempts so far that count against maxAttempts, the newest included: all but released ones. */
  countedAttempts: number;
  maxAttempts: number;
  /** Limit of each attempt, in milliseconds. */
  timeoutMs: number;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
  archivedAt: number | null;
  cancelRequestedAt: number | null;
  /** Why it is to stop: a reason of the catalogue. */
  cancelReason: string | null;
  parentRunId: string | null;
  /** How many runs came before it as parents of each other. */
  lineageDepth: number;
  /** SHA-256 of the payload in its canonical form, hex; null where the door knows no payload. */
  payloadHash: string | null;
  tags: Record<string, string>;
  metadata: Record<string, string>;
  /** When it may start, where that is not at once. */
  scheduledAt: number | null;
  /** When the automatic retry that it waits for is due. */
  nextRetryAt: number | null;
  /** It expires if it has not started by then. */
  expiresAt: number | null;
  idempotencyKey: string | null;
  concurrencyKey: string | null;
  debounceKey: string | null;
  batchId: string | null;
  createdBy: string | null;
  /** When its endpoint last said that it is alive. */
  heartbeatAt: number | null;
  executionTrace: ExecutionTrace | null;
}

/** One try of a run on one engine. */
export interface Attempt {
  key: number;
  id: string;
  runId: string;
  /** From 1. */
  number: number;
  state: AttemptState;
  /** Copied from the run, so that a claim reads one table. */
  priority: number;
  /** Its place among others: `rankOf` in words/rank.ts. Lower goes first. */
  rank: number;
  queuedAt: number;
  /** Not claimed before this time. */
  availableAt: number;
  engine: string | null;
  /** Names the holder; whoever finishes the attempt must show it. */
  leaseId: string | null;
  leaseExpiresAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  reason: string | null;
  error: string | null;
  exitCode: number | null;
  phases: PhaseRecord[];
  steps: StepRecord[];
  /** Numbers of its first and last line in the run's log. */
  firstLine: number | null;
  lastLine: number | null;
}

export function isTerminal(state: RunState): boolean {
  return (terminalRunStates as readonly RunState[]).includes(state);
}
