import type { JobStats } from '../../../store/contract/stats.ts';
import type { RunState } from '../../../words/run.ts';

/** The windows that a health can be asked for, in milliseconds. */
export const healthWindows = {
  '1h': 3_600_000,
  '1d': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
} as const;
export type HealthWindow = keyof typeof healthWindows;

/** Share of the score that the success rate has; the steadiness of the duration has the rest. */
const successWeight = 0.7;
const steadyPoints = 30;

export function healthJson(jobId: string, window: HealthWindow, since: number, stats: JobStats): object {
  const { byState, averageMs, p95Ms, p99Ms } = stats;
  const runs = (...states: RunState[]): number =>
    states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  const counts = {
    completed_runs: runs('completed'),
    failed_runs: runs('failed', 'dead_letter'),
    timed_out_runs: runs('timed_out'),
    crashed_runs: runs('crashed', 'system_failed'),
    canceled_runs: runs('canceled'),
    expired_runs: runs('expired'),
  };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const successRate = total === 0 ? 0 : (counts.completed_runs * 100) / total;
  return {
    job_id: jobId,
    window,
    since: new Date(since).toISOString(),
    total_runs: total,
    ...counts,
    success_rate: successRate,
    avg_duration_secs: averageMs / 1000,
    p95_duration_secs: p95Ms / 1000,
    p99_duration_secs: p99Ms / 1000,
    health_score: total === 0 ? -1 : scoreOf(successRate, averageMs, p95Ms),
  };
}

/** From 0 to 100. Runs that take more than twice the average cost points: such a job is not steady. */
function scoreOf(successRate: number, averageMs: number, p95Ms: number): number {
  const spread = averageMs === 0 ? 0 : p95Ms / averageMs;
  const lost = Math.min(Math.max((spread - 2) * 15, 0), steadyPoints);
  const steady = averageMs === 0 ? 0 : steadyPoints - lost;
  return Math.min(100, successRate * successWeight + steady);
}
