import { text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const anyOpen = statement(`SELECT id FROM runs WHERE job_id = $1
  AND state IN ('waiting', 'delayed', 'queued', 'running') LIMIT 1`);
const ids = statement('SELECT id FROM runs WHERE job_id = $1 ORDER BY key');

// In this order, each goes before what it refers to.
const ofRuns = ['images', 'attempts', 'secrets', 'run_bodies'].map((table) =>
  statement(`DELETE FROM ${table} WHERE run_id IN (SELECT id FROM runs WHERE job_id = $1)`),
);
const ofJob = ['runs', 'job_stats', 'schedules'].map((table) =>
  statement(`DELETE FROM ${table} WHERE job_id = $1`),
);
const counts = statement('DELETE FROM run_counts WHERE project = $1 AND slug = $2');

const renameRuns = statement('UPDATE runs SET slug = $2 WHERE job_id = $1');
const renameCounts = statement('UPDATE run_counts SET slug = $3 WHERE project = $1 AND slug = $2');

/** Whether a run of a job has not ended. */
export async function hasOpenRun(sql: Sql, jobId: string): Promise<boolean> {
  return (await sql.get(anyOpen, [jobId])) !== undefined;
}

/** Removes the runs of a job with all that is kept of them; gives their ids, the oldest first. */
export async function removeRuns(
  sql: Sql,
  { id, project, slug }: { id: string; project: string; slug: string },
): Promise<string[]> {
  const removed = (await sql.all(ids, [id])).map((row) => text(row, 'id'));
  for (const each of [...ofRuns, ...ofJob]) await sql.run(each, [id]);
  await sql.run(counts, [project, slug]);
  return removed;
}

/** Makes the runs of a job, and their counters, bear its new slug. */
export async function renameRunsOf(
  sql: Sql,
  { id, project, slug }: { id: string; project: string; slug: string },
  newSlug: string,
): Promise<void> {
  await sql.run(renameRuns, [id, newSlug]);
  await sql.run(renameCounts, [project, slug, newSlug]);
}
