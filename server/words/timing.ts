import { windowStart } from './cron.ts';
import type { JobDefinition, JobKind } from './job.ts';

const secondMs = 1000;
const dayMs = 24 * 3600 * secondMs;
/** Of an HTTP attempt whose job says nothing. */
const httpTimeoutSecs = 300;
/** How much longer than its timeout a run that nobody gave a time to live may wait for its start. */
const marginMs = 60 * secondMs;

/**
 * When a run may start that wants to at `atMs`: then, or when the job's execution window opens next. Undefined where the
 * window cannot be read, e.g. because its time zone is not known.
 */
export function earliestStart(
  { executionWindowCron = '', timezone = '' }: JobDefinition,
  atMs: number,
): number | undefined {
  if (executionWindowCron === '') return atMs;
  try {
    return windowStart(executionWindowCron, timezone || 'UTC', atMs);
  } catch {
    return undefined;
  }
}

/** Milliseconds for each attempt; `usualSecs` is the configuration's limit, of a build. */
export function attemptTimeoutMs(
  kind: JobKind,
  { timeoutSecs }: Pick<JobDefinition, 'timeoutSecs'>,
  usualSecs: number,
): number {
  return (timeoutSecs || (kind === 'http' ? httpTimeoutSecs : usualSecs)) * secondMs;
}

export interface Expiring {
  kind: JobKind;
  definition: Pick<JobDefinition, 'runTtlSecs'>;
  /** What the trigger asks for. */
  ttlSecs: number | undefined;
  timeoutMs: number;
  /** Whether it waits for a dependency. */
  waits: boolean;
}

/**
 * When a run that may start at `fromMs` has expired if it has not started; undefined is never. An HTTP call that nobody
 * gave a time to live is stale soon after its timeout; a build is not, but nothing waits for a dependency for ever.
 */
export function expiryOf(
  { kind, definition, ttlSecs, timeoutMs, waits }: Expiring,
  fromMs: number,
): number | undefined {
  const asked = ttlSecs || definition.runTtlSecs;
  if (asked) return fromMs + asked * secondMs;
  if (waits) return fromMs + dayMs;
  return kind === 'http' ? fromMs + timeoutMs + marginMs : undefined;
}
