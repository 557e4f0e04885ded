import type { Run } from '../../words/run.ts';
import { integer } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

/** What of a run, and of each of its attempts, is the same for many others. */
export type Origin = Pick<Run, 'jobId' | 'jobVersion' | 'priority' | 'timeoutMs'>;

const find = statement(
  'SELECT key FROM origins WHERE job_id = $1 AND job_version = $2 AND priority = $3 AND timeout_ms = $4',
  { standsUntil: /\b(INTO|DELETE FROM) origins\b/ },
);
const insert = statement(
  'INSERT INTO origins (job_id, job_version, priority, timeout_ms) VALUES ($1, $2, $3, $4)',
);
// Not of a job that was removed meanwhile: nobody would remove the origin.
const prepare = statement(`INSERT INTO origins (job_id, job_version, priority, timeout_ms)
  SELECT id, version, CAST($3 AS INTEGER), CAST($4 AS BIGINT) FROM jobs
    WHERE id = $1 AND version = $2 AND removed_at IS NULL
  ON CONFLICT (job_id, job_version, priority, timeout_ms) DO NOTHING`);
const removeOfJob = statement('DELETE FROM origins WHERE job_id = $1');
const removeCounts = statement(
  'DELETE FROM course_counts WHERE origin IN (SELECT key FROM origins WHERE job_id = $1)',
);

/** The key of an origin, made on first use. */
export async function ensureOrigin(sql: Sql, origin: Origin): Promise<number> {
  const values = [origin.jobId, origin.jobVersion, origin.priority, origin.timeoutMs];
  const found = await sql.get(find, values);
  if (found) return integer(found, 'key');
  await sql.run(insert, values);
  const made = await sql.get(find, values);
  if (!made) throw new Error(`the job ${origin.jobId} got no origin of runs`);
  return integer(made, 'key');
}

/** Makes an origin before its first use, where it is that of the newest version of a job. */
export async function prepareOrigin(sql: Sql, origin: Origin): Promise<void> {
  await sql.run(prepare, [origin.jobId, origin.jobVersion, origin.priority, origin.timeoutMs]);
}

/** Removes the origins of a job that has no runs any more. */
export async function removeOriginsOf(sql: Sql, jobId: string): Promise<void> {
  await sql.run(removeCounts, [jobId]);
  await sql.run(removeOfJob, [jobId]);
}
