import type { ComingTick, DueTick, Tick } from '../contract/jobs.ts';
import { integer, integerOrNull, text } from '../row.ts';
import { gathering } from '../gathering.ts';
import { type Row, type Sql, statement, type Transaction } from '../sql.ts';

const upsert = statement(`INSERT INTO schedules (job_id, next_at) VALUES ($1, $2)
  ON CONFLICT (job_id) DO UPDATE SET next_at = excluded.next_at`);
const remove = statement('DELETE FROM schedules WHERE job_id = $1');
// What a tick depends on beside the version of its job.
const due = statement(`SELECT s.job_id, s.next_at, j.version, j.paused,
    CASE WHEN j.enabled = 1 AND j.removed_at IS NULL THEN 1 ELSE 0 END AS enabled,
    CASE WHEN EXISTS (SELECT 1 FROM job_dependencies d WHERE d.job_id = s.job_id) THEN 1 ELSE 0 END AS depends,
    CASE WHEN EXISTS (SELECT 1 FROM runs r WHERE r.job_id = s.job_id
      AND r.state IN ('waiting', 'delayed', 'queued', 'running')) THEN 1 ELSE 0 END AS busy
  FROM schedules s JOIN jobs j ON j.id = s.job_id
  WHERE s.next_at <= $1 ORDER BY s.next_at, s.job_id LIMIT $2`);
// A job is new until it has a line, and its version an origin, as its first run makes them.
const coming = statement(`SELECT s.job_id, s.next_at, CASE WHEN
      EXISTS (SELECT 1 FROM lines l WHERE l.job_id = s.job_id) AND EXISTS (SELECT 1 FROM origins o WHERE o.job_id = s.job_id
        AND o.job_version = (SELECT j.version FROM jobs j WHERE j.id = s.job_id))
    THEN 0 ELSE 1 END AS is_new
  FROM schedules s WHERE (s.next_at, s.job_id) > ($1, $2) AND s.next_at <= $3 ORDER BY s.next_at, s.job_id LIMIT $4`);
const next = statement('SELECT MIN(next_at) AS next_at FROM schedules');
const advance = gathering(
  /\bschedules\b/,
  ['TEXT', 'BIGINT', 'BIGINT'],
  ({ param, from, isMeant }) =>
    `UPDATE schedules SET next_at = ${param(3)} ${from} WHERE ${isMeant} AND next_at = ${param(2)}`,
  'job_id',
);
const end = statement('DELETE FROM schedules WHERE job_id = $1 AND next_at = $2');

/** Null takes the job off the schedule. */
export async function setSchedule(sql: Sql, jobId: string, nextAt: number | null): Promise<void> {
  if (nextAt === null) await sql.run(remove, [jobId]);
  else await sql.run(upsert, [jobId, nextAt]);
}

/** The earliest first. */
export async function dueTicks(sql: Sql, now: number, limit: number): Promise<DueTick[]> {
  const rows = await sql.all(due, [now, limit]);
  return rows.map(dueTickOf);
}

function dueTickOf(row: Row): DueTick {
  return {
    ...tickOf(row),
    version: integer(row, 'version'),
    enabled: integer(row, 'enabled') === 1,
    paused: integer(row, 'paused') === 1,
    depends: integer(row, 'depends') === 1,
    busy: integer(row, 'busy') === 1,
  };
}

/** Those after one and up to a time, the earliest first. */
export async function comingTicks(
  sql: Sql,
  after: Tick,
  until: number,
  limit: number,
): Promise<ComingTick[]> {
  const rows = await sql.all(coming, [after.at, after.jobId, until, limit]);
  return rows.map((row) => Object.assign(tickOf(row), { isNew: integer(row, 'is_new') === 1 }));
}

function tickOf(row: Row): Tick {
  return { jobId: text(row, 'job_id'), at: integer(row, 'next_at') };
}

export async function nextScheduleAt(sql: Sql): Promise<number | undefined> {
  const row = await sql.get(next, []);
  return (row && integerOrNull(row, 'next_at')) ?? undefined;
}

/** The work fails where the tick `from` is not the next one. */
export function advanceSchedule(sql: Transaction, jobId: string, from: number, to: number | null): void {
  if (to === null) sql.send(end, [jobId, from], 1);
  else sql.gather(advance, jobId, [jobId, from, to]);
}
