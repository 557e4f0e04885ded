import type { StepRecord } from '../../../builder/model/spec.ts';
import type { Attempt, Run } from '../../words/run.ts';
import { integer, json, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';
import { runColumns, runOf } from './runs.ts';
import { several } from './several.ts';

// What processes ask of runs that others of them may have changed.
const ofIds = several((list) => `SELECT ${runColumns} FROM runs WHERE id IN (${list})`);
const stepsOf = several((list) => `SELECT run_id, number, steps FROM attempts WHERE run_id IN (${list})`);
const stopping = statement(
  'SELECT id FROM runs WHERE cancel_requested_at IS NOT NULL AND completed_at IS NULL ORDER BY id',
);
const newer = statement(`SELECT ${runColumns} FROM runs WHERE key > $1 ORDER BY key DESC LIMIT $2`);
const running = statement(`SELECT run_id FROM attempts WHERE state = 'running'
  ORDER BY lease_expires_at, key LIMIT $1`);
const endedSince = statement(`SELECT ${runColumns} FROM runs
  WHERE origin IS NOT NULL AND completed_at IS NOT NULL AND modified_at >= $1
  ORDER BY modified_at DESC, key DESC LIMIT $2`);

/** Those of them that there are, in no certain order. */
export async function runsById(sql: Sql, ids: readonly string[]): Promise<Run[]> {
  return (await ofIds(sql, ids)).map(runOf);
}

/** Runs that are worked on and are to stop: what waits is canceled at once. */
export async function runsToStop(sql: Sql): Promise<string[]> {
  return (await sql.all(stopping, [])).map((row) => text(row, 'id'));
}

/** Runs that are newer than a key, that run, and that ended since a time: of each the newest. */
export async function stirringRuns(
  sql: Sql,
  { key, endedAt }: { key: number; endedAt: number },
  limit: number,
): Promise<Run[]> {
  const rows = await sql.together((each) =>
    Promise.all([
      each.all(newer, [key, limit]),
      each.all(endedSince, [endedAt, limit]),
      each.all(running, [limit]),
    ]),
  );
  const [fresh, ended, atWork] = rows;
  const found = [...fresh, ...ended].map(runOf);
  const known = new Set(found.map(({ id }) => id));
  const others = atWork.map((row) => text(row, 'run_id')).filter((id) => !known.has(id));
  // A state later than the others', which is no older.
  const all = [...found, ...(await runsById(sql, others))];
  return [...new Map(all.map((run) => [run.id, run])).values()];
}

/** The steps of all attempts of these runs, in no certain order. */
export async function stepsOfRuns(
  sql: Sql,
  runIds: readonly string[],
): Promise<Pick<Attempt, 'runId' | 'number' | 'steps'>[]> {
  return (await stepsOf(sql, runIds)).map((row) => ({
    runId: text(row, 'run_id'),
    number: integer(row, 'number'),
    steps: json(row, 'steps') as StepRecord[],
  }));
}
