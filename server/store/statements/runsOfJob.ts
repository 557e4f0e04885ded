import { runStates } from '../../words/run.ts';
import { integer, oneOf, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import { countAway } from './counters.ts';
import { takeAttemptsAway, takeRunsAway } from './courseCounts.ts';

const anyOpen = statement(`SELECT id FROM runs WHERE job_id = $1
  AND state IN ('waiting', 'delayed', 'queued', 'running') LIMIT 1`);
const oldest = statement('SELECT key, id FROM runs WHERE job_id = $1 ORDER BY key LIMIT $2');

const removed = '(SELECT id FROM runs WHERE job_id = $1 AND key <= $2)';
// In this order, each goes before what it refers to.
const imagesOfRuns = [
  statement(
    `DELETE FROM image_references WHERE image IN (SELECT key FROM images WHERE run_id IN ${removed})`,
  ),
  statement(`DELETE FROM images WHERE run_id IN ${removed}`),
];
const attemptsOfRuns = statement(
  `DELETE FROM attempts WHERE run_id IN ${removed} RETURNING key, origin, course`,
);
const besideRuns = ['secrets', 'run_bodies'].map((table) =>
  statement(`DELETE FROM ${table} WHERE run_id IN ${removed}`),
);
const upTo = statement(
  'DELETE FROM runs WHERE job_id = $1 AND key <= $2 RETURNING project, slug, state, archived, platform, origin, course',
);
const statsOf = statement('DELETE FROM job_stats WHERE job_id = $1');

const renameRuns = statement('UPDATE runs SET slug = $2 WHERE job_id = $1');
const renameCounts = statement('UPDATE run_counts SET slug = $3 WHERE project = $1 AND slug = $2');

/** Whether a run of a job has not ended. */
export async function hasOpenRun(sql: Sql, jobId: string): Promise<boolean> {
  return (await sql.get(anyOpen, [jobId])) !== undefined;
}

/** The first runs of a job. */
export async function oldestRuns(
  sql: Sql,
  jobId: string,
  limit: number,
): Promise<{ key: number; id: string }[]> {
  const rows = await sql.all(oldest, [jobId, limit]);
  return rows.map((row) => ({ key: integer(row, 'key'), id: text(row, 'id') }));
}

/** Removes the runs of a job up to a key with all that is kept of them. */
export async function removeRuns(sql: Sql, jobId: string, upToKey: number): Promise<void> {
  const upToRun = [jobId, upToKey];
  for (const each of imagesOfRuns) await sql.run(each, upToRun);
  await takeAttemptsAway(sql, await sql.all(attemptsOfRuns, upToRun));
  for (const each of besideRuns) await sql.run(each, upToRun);
  // Child runs were not counted.
  const all = await sql.all(upTo, upToRun);
  await takeRunsAway(sql, all);
  const gone = all.filter((row) => row['platform'] === null).map(countedIn);
  for (const rows of Map.groupBy(gone, (one) => JSON.stringify(one)).values()) {
    const [first] = rows;
    if (first) await countAway(sql, first, rows.length);
  }
}

function countedIn(row: Row) {
  const state = oneOf(runStates, row, 'state');
  return {
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    state,
    archived: integer(row, 'archived'),
  };
}

/** Removes the figures of a job. */
export async function forgetStatsOf(sql: Sql, jobId: string): Promise<void> {
  await sql.run(statsOf, [jobId]);
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
