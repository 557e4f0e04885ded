import type { JobDefinition, RetryStrategy } from '../job.ts';
import { reasonKinds, type RunReason } from '../reasons.ts';

/** How long a run waits before it is tried again. */
export interface RetryPlan {
  strategy: RetryStrategy;
  /** For `custom`: the pause after each failed attempt, the last one repeats. For others the first is the base. */
  delaysSecs: readonly number[];
  /** From -1 to 1: where in the spread of 20 % around the pause it lies. 0 is the pause itself. */
  jitter: number;
  /** A command that fails is tried again too: its job says itself how often it is tried. */
  commands?: boolean;
}

const spread = 0.2;
const floorSecs = 1;
const capSecs = 3600;

/** No pause is longer than this, in milliseconds. */
export const longestPauseMs = capSecs * 1000 * (1 + spread);

export function retryPlanOf(
  { retryStrategy = 'exponential', retryDelaysSecs = [], maxAttempts }: JobDefinition,
  jitter: number,
): RetryPlan {
  const plan: RetryPlan = { strategy: retryStrategy, delaysSecs: retryDelaysSecs, jitter };
  return maxAttempts ? { ...plan, commands: true } : plan;
}

/** Whether what ended for a reason is tried again as long as it may be. */
export function isRetried(reason: RunReason, { commands = false }: RetryPlan): boolean {
  return reasonKinds[reason].retryable || (reason === 'command_failed' && commands);
}

/** Milliseconds before the attempt that follows `tried` counted ones: at least a second, at most an hour, then spread. */
export function retryDelayMs(plan: RetryPlan, tried: number): number {
  const secs = Math.min(capSecs, Math.max(floorSecs, pauseSecs(plan, Math.max(1, tried))));
  return Math.round(secs * 1000 * (1 + spread * plan.jitter));
}

function pauseSecs({ strategy, delaysSecs }: RetryPlan, tried: number): number {
  const base = delaysSecs[0] ?? 1;
  switch (strategy) {
    case 'fixed':
      return base;
    case 'linear':
      return base * tried;
    case 'custom':
      // Without pauses of its own it is the usual one.
      return delaysSecs[Math.min(tried, delaysSecs.length) - 1] ?? doubled(base, tried);
    case 'exponential':
      return doubled(base, tried);
  }
}

function doubled(base: number, tried: number): number {
  // A base of 0 times infinity would be no number.
  return base * 2 ** Math.min(tried - 1, 52);
}
