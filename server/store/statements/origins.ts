import type { Run } from '../../words/run.ts';
import { integer } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

/** What of a run, and of each of its attempts, is the same for many others. */
export type Origin = Pick<Run, 'jobId' | 'jobVersion' | 'priority' | 'timeoutMs'>;

const find = statement(
  'SELECT key FROM origins WHERE job_id = $1 AND job_version = $2 AND priority = $3 AND timeout_ms = $4',
);
const insert = statement(
  'INSERT INTO origins (job_id, job_version, priority, timeout_ms) VALUES ($1, $2, $3, $4)',
);
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

/** Removes the origins of a job that has no runs any more. */
export async function removeOriginsOf(sql: Sql, jobId: string): Promise<void> {
  await sql.run(removeCounts, [jobId]);
  await sql.run(removeOfJob, [jobId]);
}
