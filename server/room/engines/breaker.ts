/** Keeps attempts from being spent on an engine that answers and fails all the same. */
export interface Breaker {
  /** Attempts in a row that failed through the engine. */
  readonly failures: number;
  /** How often it opened since it was last closed. */
  readonly openings: number;
  /** Milliseconds since 1970; 0 while it is closed. */
  readonly openUntil: number;
}

/** `half_open`: the pause is over, and one attempt at a time finds out whether the engine is well again. */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** How an attempt went for its engine; `unknown` where it says nothing about it. */
export type Verdict = 'ok' | 'failed' | 'unknown';

const threshold = 3;
const firstPauseMs = 30_000;
const longestPauseMs = 600_000;

export const closedBreaker: Breaker = { failures: 0, openings: 0, openUntil: 0 };

export function breakerState({ failures, openUntil }: Breaker, now: number): BreakerState {
  if (failures < threshold) return 'closed';
  return now < openUntil ? 'open' : 'half_open';
}

/** Three failures in a row open it for 30 s, each that comes after such a pause for twice as long, at most 10 minutes. */
export function afterAttempt(breaker: Breaker, verdict: Verdict, now: number): Breaker {
  if (verdict === 'unknown') return breaker;
  if (verdict === 'ok') return closedBreaker;
  const failures = breaker.failures + 1;
  const failed = { ...breaker, failures };
  // Attempts that were under way when it opened say nothing new.
  if (breakerState(failed, now) !== 'half_open') return failed;
  const openUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** breaker.openings);
  return { failures, openings: breaker.openings + 1, openUntil };
}
