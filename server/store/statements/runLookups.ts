import { isTerminal, type Run, runStates } from '../../words/run.ts';
import { integer } from '../row.ts';
import { type Sql, type SqlValue, statement, type Statement } from '../sql.ts';
import { runColumns, runOf } from './runs.ts';

const runsWhere = (where: string): Statement => statement(`SELECT ${runColumns} FROM runs WHERE ${where}`);

// Child runs are no answer to what became of a job, and do not count where its triggers are counted.
const own = 'platform IS NULL';
const ended = `job_id = $1 AND ${own} AND completed_at IS NOT NULL`;
const newest = 'ORDER BY key DESC LIMIT 1';
const newestEnded = runsWhere(`${ended} ${newest}`);
const newestEndedOfKey = runsWhere(`${ended} AND idempotency_key = $2 ${newest}`);
const newestEndedOfDependency = runsWhere(`${ended} AND dependency_key = $2 ${newest}`);

const createdAt = statement(
  `SELECT created_at FROM runs WHERE job_id = $1 AND ${own} ORDER BY key DESC LIMIT 1 OFFSET $2`,
);
const byPayload = runsWhere(
  'job_id = $1 AND payload_hash = $2 AND created_at >= $3 ORDER BY created_at DESC, key DESC LIMIT 1',
);
const byIdempotencyKey = runsWhere('job_id = $1 AND idempotency_key = $2 AND completed_at IS NULL');
const byDebounceKey = runsWhere(`job_id = $1 AND debounce_key = $2 AND state = 'delayed'`);
const ofParent = runsWhere('parent_run_id = $1 AND platform IS NOT NULL ORDER BY key');
const openOfKey = runsWhere('job_id = $1 AND concurrency_key = $2 AND completed_at IS NULL ORDER BY key');
const inState = runsWhere('job_id = $1 AND state = $2 AND key > $3 ORDER BY key LIMIT $4');
const waitingAfter = `job_id = $1 AND state = 'waiting' AND key > $2`;
const unkeyed = 'idempotency_key IS NULL';
const inOrder = 'ORDER BY key LIMIT $3';
const waitingOfKey = runsWhere(`${waitingAfter} AND idempotency_key = $4 ${inOrder}`);
const waitingOfDependency = runsWhere(`${waitingAfter} AND ${unkeyed} AND dependency_key = $4 ${inOrder}`);
const waitingForAny = runsWhere(`${waitingAfter} AND ${unkeyed} AND dependency_key IS NULL ${inOrder}`);
const due = runsWhere(`state = 'delayed' AND scheduled_at <= $1 ORDER BY scheduled_at, key LIMIT $2`);
const expirable = runsWhere(
  'expires_at <= $1 AND started_at IS NULL AND completed_at IS NULL ORDER BY expires_at LIMIT $2',
);
const archivable = runsWhere(
  'archived = 0 AND completed_at IS NOT NULL AND completed_at < $1 ORDER BY completed_at, key LIMIT $2',
);

async function one(sql: Sql, which: Statement, params: readonly SqlValue[]): Promise<Run | undefined> {
  const row = await sql.get(which, params);
  return row && runOf(row);
}

async function several(sql: Sql, which: Statement, params: readonly SqlValue[]): Promise<Run[]> {
  return (await sql.all(which, params)).map(runOf);
}

/** The newest ended run of a job; with a key only among those runs that have it. */
export function newestEndedRun(
  sql: Sql,
  jobId: string,
  by?: { idempotencyKey: string } | { dependencyKey: string },
): Promise<Run | undefined> {
  if (!by) return one(sql, newestEnded, [jobId]);
  return 'idempotencyKey' in by
    ? one(sql, newestEndedOfKey, [jobId, by.idempotencyKey])
    : one(sql, newestEndedOfDependency, [jobId, by.dependencyKey]);
}

/** When the n-th newest run of a job was created, from 1. */
export async function createdAtOfNewest(sql: Sql, jobId: string, n: number): Promise<number | undefined> {
  const row = await sql.get(createdAt, [jobId, n - 1]);
  return row && integer(row, 'created_at');
}

/** The newest run with this payload that was created at `since` or later. */
export function runByPayload(sql: Sql, jobId: string, hash: string, since: number): Promise<Run | undefined> {
  return one(sql, byPayload, [jobId, hash, since]);
}

/** The run with this key that has not ended. */
export function runByIdempotencyKey(sql: Sql, jobId: string, key: string): Promise<Run | undefined> {
  return one(sql, byIdempotencyKey, [jobId, key]);
}

export function debouncedRun(sql: Sql, jobId: string, key: string): Promise<Run | undefined> {
  return one(sql, byDebounceKey, [jobId, key]);
}

/** Runs of a job that have not ended, oldest first. */
export async function openRuns(sql: Sql, jobId: string, limit: number): Promise<Run[]> {
  const open = runStates.filter((state) => !isTerminal(state));
  const runs = await sql.together((each) =>
    Promise.all(open.map((state) => several(each, inState, [jobId, state, 0, limit]))),
  );
  return oldest(runs, limit);
}

/** The child runs of a run, oldest first. */
export function childRuns(sql: Sql, parentRunId: string): Promise<Run[]> {
  return several(sql, ofParent, [parentRunId]);
}

/** Runs with a concurrency key that have not ended, oldest first. */
export function openRunsOfKey(sql: Sql, jobId: string, key: string): Promise<Run[]> {
  return several(sql, openOfKey, [jobId, key]);
}

/** Runs of a job that wait for a dependency, oldest first. */
export function waitingRuns(
  sql: Sql,
  jobId: string,
  { afterKey = 0, limit }: { afterKey?: number; limit: number },
): Promise<Run[]> {
  return several(sql, inState, [jobId, 'waiting', afterKey, limit]);
}

/** Of these the ones that look at a run with the keys of `parent`. */
export async function waitingRunsFor(
  sql: Sql,
  jobId: string,
  { idempotencyKey, metadata: { dependency_key: dependencyKey } }: Pick<Run, 'idempotencyKey' | 'metadata'>,
  { afterKey, limit }: { afterKey: number; limit: number },
): Promise<Run[]> {
  const page = [jobId, afterKey, limit];
  const runs = await sql.together((each) =>
    Promise.all([
      idempotencyKey === null ? [] : several(each, waitingOfKey, [...page, idempotencyKey]),
      dependencyKey === undefined ? [] : several(each, waitingOfDependency, [...page, dependencyKey]),
      several(each, waitingForAny, page),
    ]),
  );
  return oldest(runs, limit);
}

function oldest(runs: readonly Run[][], limit: number): Run[] {
  return runs
    .flat()
    .toSorted((a, b) => a.key - b.key)
    .slice(0, limit);
}

/** Delayed runs that are due, the earliest first. */
export function dueRuns(sql: Sql, now: number, limit: number): Promise<Run[]> {
  return several(sql, due, [now, limit]);
}

/** Runs that have not started and whose time is over. */
export function expirableRuns(sql: Sql, now: number, limit: number): Promise<Run[]> {
  return several(sql, expirable, [now, limit]);
}

/** Runs that ended before `completedBefore` and are not archived, oldest first. */
export function archivableRuns(sql: Sql, completedBefore: number, limit: number): Promise<Run[]> {
  return several(sql, archivable, [completedBefore, limit]);
}
