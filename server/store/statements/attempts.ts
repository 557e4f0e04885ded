import type { PhaseRecord, StepRecord } from '../../../builder/model/spec.ts';
import { type Attempt, attemptStates, type Run } from '../../words/run.ts';
import type { AttemptPatch } from '../../words/transitions/change.ts';
import type { Progress, RunningLease } from '../contract/runs.ts';
import { waiting } from '../course.ts';
import { gathering, typesOf } from '../gathering.ts';
import { inserting } from '../inserting.ts';
import { patching } from '../patch.ts';
import { integer, integerOrNull, json, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement, type Transaction } from '../sql.ts';
import { type Counted, countedOf } from './courseCounts.ts';
import { later } from './later.ts';
import { isBound, type OwnLine, ownLineOf } from './lines.ts';
import { archivedFlag } from './runs.ts';

/** The columns that `attemptOf` reads. */
export const attemptColumns = `key, id, run_id, number, state, priority, rank, queued_at, available_at, engine, lease_id,
    lease_expires_at, started_at, finished_at, reason, error, exit_code, phases, steps, first_line, last_line`;

const byId = statement(`SELECT ${attemptColumns} FROM attempts WHERE id = $1`);
const ofRun = statement(`SELECT ${attemptColumns} FROM attempts WHERE run_id = $1 ORDER BY number`);
const running = statement(
  `SELECT ${attemptColumns} FROM attempts WHERE state = 'running' ORDER BY lease_expires_at, key`,
);
const leases = statement(
  `SELECT id, engine, lease_id, lease_expires_at FROM attempts WHERE state = 'running'`,
);

const insert = inserting(
  `INSERT INTO attempts (id, run_id, run_key, origin, course, number, line, state, priority, rank, ready, queued_at, available_at, modified_at,
    phases, steps)`,
  `($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9, $10, $11, $12, $13, '[]', '[]')`,
);

const renew = statement(`UPDATE attempts SET lease_expires_at = $3
  WHERE id = $1 AND lease_id = $2 AND state || '' = 'running'`);
const progress = statement(`UPDATE attempts
  SET phases = COALESCE($3, phases), steps = COALESCE($4, steps), first_line = COALESCE($5, first_line),
    modified_at = ${later('$6')}
  WHERE id = $1 AND lease_id = $2 AND state || '' = 'running'`);

const makeReady = statement(`UPDATE attempts SET ready = 1 WHERE key IN
    (SELECT key FROM attempts WHERE state = 'queued' AND ready = 0 AND available_at <= $1 LIMIT $2)
  RETURNING line`);

// The attempt, its holder, and the run that it belongs to are all as they were when the change was thought out.
const unchanged = `id = $1 AND run_id = $2 AND state = $3 AND (state <> 'running' OR lease_id = $4)
    AND EXISTS (SELECT 1 FROM runs WHERE id = $2 AND state || '' = $5 AND attempt = $6 AND archived + 0 = $7)`;

const columnOf: Record<keyof AttemptPatch, string> = {
  state: 'state',
  engine: 'engine',
  leaseId: 'lease_id',
  leaseExpiresAt: 'lease_expires_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  reason: 'reason',
  error: 'error',
  exitCode: 'exit_code',
  phases: 'phases',
  steps: 'steps',
  lastLine: 'last_line',
};
const patched = patching(columnOf, 9, { finishedAt: later });
const change = statement(`UPDATE attempts SET ${patched.assignments}, modified_at = ${later('$8')},
    course = course + $9 WHERE ${unchanged} RETURNING line, origin, course,
    (SELECT ${isBound} FROM lines WHERE lines.key = attempts.line) AS bound`);
// What a claim has set stays as it is.
const { engine: _engine, leaseId: _leaseId, startedAt: _startedAt, ...endColumns } = columnOf;
const patchedHeld = patching(endColumns, 4, { finishedAt: later });
const integers: readonly string[] = ['leaseExpiresAt', 'finishedAt', 'exitCode', 'lastLine'];
const changeHeld = gathering(
  /\battempts\b/,
  ['TEXT', 'TEXT', 'BIGINT', 'BIGINT', 'BIGINT', ...typesOf(endColumns, integers)],
  ({
    param,
    from,
    isMeant,
  }) => `UPDATE attempts SET ${patchedHeld.assignmentsWith(param)}, modified_at = ${later(param(3))},
    course = course + ${param(4)} ${from}
  WHERE ${isMeant} AND lease_id = ${param(2)} AND state || '' = 'running'`,
);

export async function attemptById(sql: Sql, id: string): Promise<Attempt | undefined> {
  const row = await sql.get(byId, [id]);
  return row && attemptOf(row);
}

export async function attemptsOfRun(sql: Sql, runId: string): Promise<Attempt[]> {
  return (await sql.all(ofRun, [runId])).map(attemptOf);
}

/** Attempts that say running, oldest lease first. */
export async function runningAttempts(sql: Sql): Promise<Attempt[]> {
  return (await sql.all(running, [])).map(attemptOf);
}

/** In no order. */
export async function runningLeases(sql: Sql): Promise<RunningLease[]> {
  return (await sql.all(leases, [])).map((row) => ({
    id: text(row, 'id'),
    engine: textOrNull(row, 'engine'),
    leaseId: text(row, 'lease_id'),
    leaseExpiresAt: integer(row, 'lease_expires_at'),
  }));
}

export type NewAttempt = Pick<
  Attempt,
  'id' | 'runId' | 'number' | 'priority' | 'rank' | 'queuedAt' | 'availableAt'
> & {
  ready: boolean;
  /** The key of the line that it waits in. */
  line: number;
  runKey: number;
  origin: number | null;
};

export function insertAttempts(sql: Transaction, made: readonly NewAttempt[]): void {
  for (const one of made) {
    const { id, runId, runKey, origin, number, line, priority, rank, ready, queuedAt, availableAt } = one;
    const place = [number, line, priority, rank, Number(ready), queuedAt, availableAt, queuedAt];
    sql.gather(insert.gathering, id, [id, runId, runKey, origin, waiting, ...place]);
  }
}

/** False where the lease is no longer held. */
export async function renewLease(
  sql: Sql,
  attemptId: string,
  leaseId: string,
  expiresAt: number,
): Promise<boolean> {
  return (await sql.run(renew, [attemptId, leaseId, expiresAt])) === 1;
}

/** Notes how far the attempt has come; false where the lease is no longer held. */
export async function recordAttemptProgress(
  sql: Sql,
  attemptId: string,
  leaseId: string,
  { phases, steps, firstLine }: Progress,
): Promise<boolean> {
  const last = phases?.at(-1);
  const changedAt = last && (last.endedAt ?? last.startedAt);
  const values = [phases && JSON.stringify(phases), steps && JSON.stringify(steps), firstLine, changedAt];
  return (await sql.run(progress, [attemptId, leaseId, ...values.map((value) => value ?? null)])) === 1;
}

/** Makes ready the queued attempts whose pause is over; gives the line of each. */
export async function readyAttempts(sql: Sql, now: number, limit: number): Promise<number[]> {
  return (await sql.all(makeReady, [now, limit])).map((row) => integer(row, 'line'));
}

/** Where an attempt stands, and where it is counted. */
export interface Standing {
  line: OwnLine;
  listed: Counted;
}

/**
 * Changes the attempt where it and the run are still the ones that are told of, and its course by `courseBy`. Gives where
 * it stands, undefined where they are not.
 */
export async function changeAttempt(
  sql: Sql,
  run: Run,
  attempt: Attempt,
  patch: AttemptPatch,
  courseBy: number,
): Promise<Standing | undefined> {
  const { id, state, leaseId } = attempt;
  const identity: SqlValue[] = [
    id,
    run.id,
    state,
    leaseId,
    run.state,
    run.attempt,
    archivedFlag(run.archivedAt),
    patch.finishedAt ?? null,
    courseBy,
  ];
  const row = await sql.get(change, [...identity, ...patched.params(patch)]);
  return row && { line: ownLineOf(row), listed: countedOf(row) };
}

/** Changes an attempt that this transaction has seen running under its lease; `mayWait` where nobody is to see it at once. */
export function changeHeldAttempt(
  sql: Transaction,
  { id, leaseId }: Attempt,
  patch: AttemptPatch,
  { courseBy, mayWait }: { courseBy: number; mayWait: boolean },
): void {
  if (!patchedHeld.fits(patch)) throw new Error(`a change of attempt ${id} names what only a claim sets`);
  const values = [id, leaseId, patch.finishedAt ?? null, courseBy, ...patchedHeld.params(patch)];
  if (mayWait) sql.gather(changeHeld, id, values);
  else sql.send(changeHeld.one, values, 1);
}

/** The attempt of a row with `attemptColumns`. */
export function attemptOf(row: Row): Attempt {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    runId: text(row, 'run_id'),
    number: integer(row, 'number'),
    state: oneOf(attemptStates, row, 'state'),
    priority: integer(row, 'priority'),
    rank: integer(row, 'rank'),
    queuedAt: integer(row, 'queued_at'),
    availableAt: integer(row, 'available_at'),
    engine: textOrNull(row, 'engine'),
    leaseId: textOrNull(row, 'lease_id'),
    leaseExpiresAt: integerOrNull(row, 'lease_expires_at'),
    startedAt: integerOrNull(row, 'started_at'),
    finishedAt: integerOrNull(row, 'finished_at'),
    reason: textOrNull(row, 'reason'),
    error: textOrNull(row, 'error'),
    exitCode: integerOrNull(row, 'exit_code'),
    phases: json(row, 'phases') as PhaseRecord[],
    steps: json(row, 'steps') as StepRecord[],
    firstLine: integerOrNull(row, 'first_line'),
    lastLine: integerOrNull(row, 'last_line'),
  };
}
