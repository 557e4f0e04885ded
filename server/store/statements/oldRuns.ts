import { runStates, type Run } from '../../words/run.ts';
import type { EndedPlace, OldRun } from '../contract/retention.ts';
import { integer, integerOrNull, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import { countAway } from './counters.ts';
import { takeAttemptsAway, takeRunsAway } from './courseCounts.ts';

const columns = `key, id, job_id, project, slug, parent_run_id, idempotency_key, dependency_key, created_at, completed_at`;
const byKey = statement(`SELECT ${columns} FROM runs WHERE key > $1 ORDER BY key LIMIT $2`);
const nthEnded = statement(
  'SELECT key FROM runs WHERE completed_at IS NOT NULL AND job_id = $1 ORDER BY key DESC LIMIT 1 OFFSET $2',
);
const endedUpTo = statement(`SELECT ${columns} FROM runs
  WHERE job_id = $1 AND completed_at IS NOT NULL AND key > $2 AND key <= $3 ORDER BY key LIMIT $4`);
const crowded = statement(
  'SELECT project, slug FROM run_counts GROUP BY project, slug HAVING SUM(runs) > $1 ORDER BY project, slug',
);
const unarchived = statement(`SELECT ${columns} FROM runs
  WHERE archived = 0 AND completed_at IS NOT NULL AND (completed_at, key) > ($1, $2) AND completed_at < $3
  ORDER BY completed_at, key LIMIT $4`);
const success = (which: string) =>
  statement(`SELECT id, parent_run_id FROM runs
  WHERE job_id = $1 AND state = 'completed'${which} ORDER BY key DESC LIMIT 1`);
const anySuccess = success('');
const ownSuccess = success(' AND parent_run_id IS NULL');
const openChild = statement(
  'SELECT 1 AS there FROM runs WHERE parent_run_id = $1 AND completed_at IS NULL LIMIT 1',
);

// In this order, each goes before what it refers to.
const imagesOfRun = [
  statement('DELETE FROM image_references WHERE image IN (SELECT key FROM images WHERE run_id = $1)'),
  statement('DELETE FROM images WHERE run_id = $1'),
];
const attemptsOfRun = statement('DELETE FROM attempts WHERE run_id = $1 RETURNING key, origin, course');
const besideRun = ['secrets', 'run_bodies'].map((table) =>
  statement(`DELETE FROM ${table} WHERE run_id = $1`),
);
const ended = statement('SELECT key FROM runs WHERE id = $1 AND completed_at IS NOT NULL');
const remove = statement(
  'DELETE FROM runs WHERE id = $1 RETURNING project, slug, state, archived, platform, origin, course',
);

export async function runsByKey(sql: Sql, afterKey: number, limit: number): Promise<OldRun[]> {
  return (await sql.all(byKey, [afterKey, limit])).map(oldRunOf);
}

/** Oldest first, but for the newest `newest` ones. */
export async function endedRunsBut(
  sql: Sql,
  jobId: string,
  { newest, afterKey, limit }: { newest: number; afterKey: number; limit: number },
): Promise<OldRun[]> {
  const row = await sql.get(nthEnded, [jobId, newest]);
  if (!row) return [];
  return (await sql.all(endedUpTo, [jobId, afterKey, integer(row, 'key'), limit])).map(oldRunOf);
}

export async function crowdedJobs(sql: Sql, runs: number): Promise<{ project: string; slug: string }[]> {
  const rows = await sql.all(crowded, [runs]);
  return rows.map((row) => ({ project: text(row, 'project'), slug: text(row, 'slug') }));
}

/** Those that ended first first. */
export async function unarchivedRuns(
  sql: Sql,
  { before, after, limit }: { before: number; after: EndedPlace; limit: number },
): Promise<OldRun[]> {
  return (await sql.all(unarchived, [after.completedAt, after.key, before, limit])).map(oldRunOf);
}

/** Of all runs of a job, and of those that are nobody's child. */
export async function lastSuccesses(sql: Sql, jobId: string): Promise<Pick<Run, 'id' | 'parentRunId'>[]> {
  const rows = [await sql.get(anySuccess, [jobId]), await sql.get(ownSuccess, [jobId])];
  return rows.flatMap((row) =>
    row ? [{ id: text(row, 'id'), parentRunId: textOrNull(row, 'parent_run_id') }] : [],
  );
}

export async function hasOpenChild(sql: Sql, runId: string): Promise<boolean> {
  return (await sql.get(openChild, [runId])) !== undefined;
}

/** Removes a run that has ended, with all that is kept of it; false where there is none. */
export async function removeEndedRun(sql: Sql, runId: string): Promise<boolean> {
  if (!(await sql.get(ended, [runId]))) return false;
  for (const each of imagesOfRun) await sql.run(each, [runId]);
  await takeAttemptsAway(sql, await sql.all(attemptsOfRun, [runId]));
  for (const each of besideRun) await sql.run(each, [runId]);
  const [gone] = await sql.all(remove, [runId]);
  if (gone) await takeRunsAway(sql, [gone]);
  // Child runs were not counted.
  if (gone?.['platform'] === null) await countAway(sql, countedIn(gone), 1);
  return gone !== undefined;
}

function countedIn(row: Row) {
  return {
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    state: oneOf(runStates, row, 'state'),
    archived: integer(row, 'archived'),
  };
}

function oldRunOf(row: Row): OldRun {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    jobId: text(row, 'job_id'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    parentRunId: textOrNull(row, 'parent_run_id'),
    idempotencyKey: textOrNull(row, 'idempotency_key'),
    dependencyKey: textOrNull(row, 'dependency_key'),
    createdAt: integer(row, 'created_at'),
    completedAt: integerOrNull(row, 'completed_at'),
  };
}
