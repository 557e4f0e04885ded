import type { Run } from '../../words/run.ts';
import type { ExecutedOn, Execution, ListedRun } from '../contract/executions.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Row, type Sql } from '../sql.ts';
import { attemptColumns, attemptOf } from './attempts.ts';
import { executedJobs, knownEngines } from './executedJobs.ts';
import { runColumns, runOf } from './runs.ts';
import { several } from './several.ts';

const attemptsByKey = several(
  (list) => `SELECT ${attemptColumns}, modified_at FROM attempts WHERE key IN (${list})`,
);
const runsById = several((list) => `SELECT ${runColumns} FROM runs WHERE id IN (${list})`);
const queuedAt = `(SELECT queued_at FROM attempts WHERE run_id = runs.id AND number = runs.attempt) AS queued_at`;
const runsByKey = several(
  (list) => `SELECT ${runColumns}, modified_at, ${queuedAt} FROM runs WHERE key IN (${list})`,
);

/** The attempts of these keys, in their order, each with what it is shown with; those that are not there are left out. */
export async function executionsByKey(sql: Sql, keys: readonly number[]): Promise<Execution[]> {
  const rows = await attemptsByKey(sql, keys);
  const attempts = rows.map((row) => ({ attempt: attemptOf(row), modifiedAt: integer(row, 'modified_at') }));
  const [runs, engines] = await Promise.all([
    runsOf(sql, new Set(attempts.map(({ attempt }) => attempt.runId))),
    enginesByName(sql),
  ]);
  const jobOf = await executedJobs(sql, [...runs.values()]);
  const found = attempts.map(({ attempt, modifiedAt }): Execution => {
    const run = runs.get(attempt.runId);
    if (!run) throw new Error(`the attempt ${attempt.id} has no run`);
    const engine = attempt.engine === null ? null : (engines.get(attempt.engine) ?? null);
    return { attempt, run, modifiedAt, job: jobOf(run), engine, attempts: run.attempt };
  });
  return inOrder(keys, new Map(found.map((one) => [one.attempt.key, one])));
}

/** The same of runs. */
export async function listedRunsByKey(sql: Sql, keys: readonly number[]): Promise<ListedRun[]> {
  const rows = await runsByKey(sql, keys);
  const runs = rows.map((row) => ({ row, run: runOf(row) }));
  const jobOf = await executedJobs(
    sql,
    runs.map(({ run }) => run),
  );
  const found = runs.map(({ row, run }) => listedRun(row, run, jobOf));
  return inOrder(keys, new Map(found.map((one) => [one.run.key, one])));
}

function listedRun(row: Row, run: Run, jobOf: Awaited<ReturnType<typeof executedJobs>>): ListedRun {
  return {
    run,
    job: jobOf(run),
    modifiedAt: integer(row, 'modified_at'),
    queuedAt: integerOrNull(row, 'queued_at'),
    attempts: run.attempt,
  };
}

async function runsOf(sql: Sql, ids: ReadonlySet<string>): Promise<Map<string, Run>> {
  const rows = await runsById(sql, [...ids]);
  return new Map(rows.map(runOf).map((run) => [run.id, run]));
}

async function enginesByName(sql: Sql): Promise<Map<string, ExecutedOn>> {
  return new Map((await knownEngines(sql)).map((engine) => [engine.name, engine]));
}

function inOrder<T>(keys: readonly number[], found: ReadonlyMap<number, T>): T[] {
  return keys.flatMap((key) => found.get(key) ?? []);
}
