import { isPart, isTerminal, type Run, type RunState, runStates } from '../../words/run.ts';
import type { JobStats } from '../contract/stats.ts';
import { integer, oneOf } from '../row.ts';
import { adding, type Sql, statement, type Transaction } from '../sql.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The longest window and some more. */
const longestMs = 35 * dayMs;
/** The edge of a window is cut from short slots, the rest of it is whole days: no window reads more than 70. */
const minutes = { slotMs: 5 * minuteMs, keepMs: 2 * dayMs };
const hours = { slotMs: hourMs, keepMs: longestMs };
const days = { slotMs: dayMs, keepMs: longestMs };
const sizes = [minutes, hours, days];

const ends = adding(
  /\bjob_stats\b/,
  `INSERT INTO job_stats (job_id, slot_ms, slot, state, bucket, runs, total_ms)
  VALUES ($1, $2, $3, $8, $9, $10, $11), ($1, $4, $5, $8, $9, $10, $11), ($1, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (job_id, slot_ms, slot, state, bucket)
  DO UPDATE SET runs = job_stats.runs + excluded.runs, total_ms = job_stats.total_ms + excluded.total_ms`,
);

const between = statement(`SELECT state, bucket, CAST(SUM(runs) AS BIGINT) AS runs,
    CAST(SUM(total_ms) AS BIGINT) AS total_ms FROM job_stats
  WHERE job_id = $1 AND slot_ms = $2 AND slot >= $3 AND slot < $4 GROUP BY state, bucket`);

const prune = statement(`DELETE FROM job_stats WHERE (job_id, slot_ms, slot, state, bucket) IN
  (SELECT job_id, slot_ms, slot, state, bucket FROM job_stats WHERE slot_ms = $1 AND slot < $2 LIMIT $3)`);

/** Counts a run that has ended by this change; any other change, and a child run, counts nothing. */
export function recordEnd(sql: Transaction, before: Pick<Run, 'state'>, after: Run): void {
  if (isTerminal(before.state) || !isTerminal(after.state) || isPart(after)) return;
  const { jobId, state, createdAt } = after;
  const ms = state === 'completed' ? durationOf(after) : 0;
  const slots = sizes.flatMap(({ slotMs }) => [slotMs, slotOf(createdAt, slotMs)]);
  sql.add(ends, [jobId, ...slots, state, bucketOf(ms)], [1, ms]);
}

/** How the runs of a job that were created since a time went; the time is rounded down to a slot. */
export async function jobStats(sql: Sql, jobId: string, since: number, now: number): Promise<JobStats> {
  const ask = ({ slotMs, from, to }: Part) => sql.all(between, [jobId, slotMs, from, to]);
  const rows = (await Promise.all(partsOf(since, now).map(ask))).flat();
  const byState: Partial<Record<RunState, number>> = {};
  const durations = new Map<number, Bucket>();
  for (const row of rows) {
    const state = oneOf(runStates, row, 'state');
    const [runs, totalMs] = [integer(row, 'runs'), integer(row, 'total_ms')];
    byState[state] = (byState[state] ?? 0) + runs;
    if (state !== 'completed') continue;
    const number = integer(row, 'bucket');
    const bucket = durations.get(number) ?? { runs: 0, totalMs: 0 };
    durations.set(number, { runs: bucket.runs + runs, totalMs: bucket.totalMs + totalMs });
  }
  const inOrder = [...durations].toSorted(([a], [b]) => a - b).map(([, bucket]) => bucket);
  return { byState, ...spreadOf(inOrder) };
}

/** Forgets the slots that no window reaches any more; how many, at most 3 × `limit`. */
export async function pruneStats(sql: Sql, now: number, limit: number): Promise<number> {
  let forgotten = 0;
  for (const { slotMs, keepMs } of sizes)
    forgotten += await sql.run(prune, [slotMs, slotOf(now - keepMs, slotMs), limit]);
  return forgotten;
}

/** Slots that begin from `from` on and before `to`. */
interface Part {
  slotMs: number;
  from: number;
  to: number;
}

/** Short slots up to the next hour, hours up to the next day, then days. */
function partsOf(since: number, now: number): Part[] {
  const edge = now - since < minutes.keepMs ? minutes : hours;
  const from = slotOf(since, edge.slotMs);
  const [hour, day] = [slotOf(from + hourMs - 1, hourMs), slotOf(from + dayMs - 1, dayMs)];
  return [
    { slotMs: minutes.slotMs, from, to: hour },
    { slotMs: hours.slotMs, from: hour, to: day },
    { slotMs: days.slotMs, from: day, to: Number.MAX_SAFE_INTEGER },
  ];
}

interface Bucket {
  runs: number;
  totalMs: number;
}

/** Average and percentiles of durations that come in the order of their buckets. */
function spreadOf(buckets: readonly Bucket[]): Pick<JobStats, 'averageMs' | 'p95Ms' | 'p99Ms'> {
  const runs = buckets.reduce((sum, bucket) => sum + bucket.runs, 0);
  if (runs === 0) return { averageMs: 0, p95Ms: 0, p99Ms: 0 };
  const total = buckets.reduce((sum, bucket) => sum + bucket.totalMs, 0);
  return {
    averageMs: total / runs,
    p95Ms: percentile(buckets, runs, 0.95),
    p99Ms: percentile(buckets, runs, 0.99),
  };
}

/** Between two neighbours in proportion, as `percentile_cont` has it; of a bucket, each is its mean. */
function percentile(buckets: readonly Bucket[], runs: number, fraction: number): number {
  const place = fraction * (runs - 1);
  const below = nth(buckets, Math.floor(place));
  return below + (nth(buckets, Math.ceil(place)) - below) * (place - Math.floor(place));
}

function nth(buckets: readonly Bucket[], index: number): number {
  let passed = 0;
  for (const { runs, totalMs } of buckets) {
    passed += runs;
    if (index < passed) return totalMs / runs;
  }
  return 0;
}

function durationOf({ startedAt, completedAt }: Run): number {
  return Math.max(0, (completedAt ?? 0) - (startedAt ?? completedAt ?? 0));
}

function slotOf(time: number, slotMs: number): number {
  return Math.floor(time / slotMs) * slotMs;
}

/** Durations below 50 ms are exact; of longer ones a bucket spans 2 %. */
function bucketOf(ms: number): number {
  return ms < 50 ? ms : 50 + Math.floor(Math.log(ms / 50) / Math.log(1.02));
}
