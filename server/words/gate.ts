import type { Job, JobDefinition, RateLimitKey } from './job.ts';

/**
 * What holds back attempts that could start: pure questions over what is known of a job, of one of its concurrency keys
 * and of a queue. Limits are those of the job's current version; 0 is no limit.
 */
export interface Gate {
  open: boolean;
  /** When time alone opens it; null where something else has to happen first, or where it is open. */
  reopensAt: number | null;
}

export interface JobLimits {
  maxConcurrency: number;
  maxConcurrencyPerKey: number;
  rateLimitKeys: readonly RateLimitKey[];
}

export interface JobFacts {
  enabled: boolean;
  paused: boolean;
  /** Attempts of the job that run. */
  running: number;
  maxConcurrency: number;
  budgets: readonly BudgetFacts[];
}

/** What is known of one named budget of starts. */
export interface BudgetFacts {
  windowMs: number;
  /** The start that lies as many starts back as the budget allows in a window; undefined where there were fewer. */
  decidingStart: number | undefined;
}

export interface QueueFacts {
  paused: boolean;
  running: number;
  maxRunning: number | null;
}

export function limitsOf({
  maxConcurrency = 0,
  maxConcurrencyPerKey = 0,
  rateLimitKeys = [],
  supersedePolicy,
}: JobDefinition): JobLimits {
  return {
    maxConcurrency,
    // Of a key whose newest run is the one that counts, no two run at once.
    maxConcurrencyPerKey: supersedePolicy === 'keep_newest_queued' ? 1 : maxConcurrencyPerKey,
    rateLimitKeys: rateLimitKeys.filter(({ max, windowSecs }) => max > 0 && windowSecs > 0),
  };
}

/** Whether anything of the job itself can ever hold its attempts back. */
export function isLimited({
  enabled,
  paused,
  definition,
}: Pick<Job, 'enabled' | 'paused' | 'definition'>): boolean {
  const { maxConcurrency, maxConcurrencyPerKey, rateLimitKeys } = limitsOf(definition);
  return !enabled || paused || maxConcurrency > 0 || maxConcurrencyPerKey > 0 || rateLimitKeys.length > 0;
}

/** Whether one more attempt of a job may start at `now`, as far as the job is concerned. */
export function jobGate({ enabled, paused, running, maxConcurrency, budgets }: JobFacts, now: number): Gate {
  const isFull = maxConcurrency > 0 && running >= maxConcurrency;
  if (!enabled || paused || isFull) return { open: false, reopensAt: null };
  const opening = Math.max(...budgets.map(budgetOpensAt), -Infinity);
  return opening > now ? { open: false, reopensAt: opening } : { open: true, reopensAt: null };
}

/** A start counts for as long as its window, also where the clock was set back after it. */
function budgetOpensAt({ windowMs, decidingStart }: BudgetFacts): number {
  return decidingStart === undefined ? -Infinity : decidingStart + windowMs;
}

/** Whether one more attempt of a concurrency key may start. */
export function isLaneFree(running: number, { maxConcurrencyPerKey }: JobLimits): boolean {
  return maxConcurrencyPerKey <= 0 || running < maxConcurrencyPerKey;
}

/** Whether one more attempt of a queue may start. */
export function isQueueOpen({ paused, running, maxRunning }: QueueFacts): boolean {
  return !paused && (maxRunning === null || running < maxRunning);
}
