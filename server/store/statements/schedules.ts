import { integer, integerOrNull, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const upsert = statement(`INSERT INTO schedules (job_id, next_at) VALUES ($1, $2)
  ON CONFLICT (job_id) DO UPDATE SET next_at = excluded.next_at`);
const remove = statement('DELETE FROM schedules WHERE job_id = $1');
const due = statement('SELECT job_id, next_at FROM schedules WHERE next_at <= $1 ORDER BY next_at LIMIT $2');
const next = statement('SELECT MIN(next_at) AS next_at FROM schedules');
const advance = statement('UPDATE schedules SET next_at = $3 WHERE job_id = $1 AND next_at = $2');
const end = statement('DELETE FROM schedules WHERE job_id = $1 AND next_at = $2');

/** Null takes the job off the schedule. */
export async function setSchedule(sql: Sql, jobId: string, nextAt: number | null): Promise<void> {
  if (nextAt === null) await sql.run(remove, [jobId]);
  else await sql.run(upsert, [jobId, nextAt]);
}

/** The earliest first. */
export async function dueSchedules(
  sql: Sql,
  now: number,
  limit: number,
): Promise<{ jobId: string; nextAt: number }[]> {
  const rows = await sql.all(due, [now, limit]);
  return rows.map((row) => ({ jobId: text(row, 'job_id'), nextAt: integer(row, 'next_at') }));
}

export async function nextScheduleAt(sql: Sql): Promise<number | undefined> {
  const row = await sql.get(next, []);
  return (row && integerOrNull(row, 'next_at')) ?? undefined;
}

/** False where the tick `from` is no longer the next one. */
export async function advanceSchedule(
  sql: Sql,
  jobId: string,
  from: number,
  to: number | null,
): Promise<boolean> {
  const changed = to === null ? sql.run(end, [jobId, from]) : sql.run(advance, [jobId, from, to]);
  return (await changed) === 1;
}
