import type { PhaseRecord, StepRecord } from '../../../builder/model/spec.ts';
import { type Attempt, attemptStates, type Run } from '../../words/run.ts';
import type { AttemptPatch } from '../../words/transitions/change.ts';
import type { AttemptClaim, Progress } from '../contract/runs.ts';
import { inserting } from '../inserting.ts';
import { patching } from '../patch.ts';
import { integer, integerOrNull, json, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement, type Transaction } from '../sql.ts';
import { isBound, type OwnLine, ownLineOf } from './lines.ts';
import { archivedFlag } from './runs.ts';

const columns = `key, id, run_id, number, state, priority, rank, queued_at, available_at, engine, lease_id,
    lease_expires_at, started_at, finished_at, reason, error, exit_code, phases, steps, first_line, last_line`;

const byId = statement(`SELECT ${columns} FROM attempts WHERE id = $1`);
const ofRun = statement(`SELECT ${columns} FROM attempts WHERE run_id = $1 ORDER BY number`);
const running = statement(
  `SELECT ${columns} FROM attempts WHERE state = 'running' ORDER BY lease_expires_at, key`,
);

const insert = inserting(
  `INSERT INTO attempts (id, run_id, number, line, state, priority, rank, ready, queued_at, available_at, phases, steps)`,
  `($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, '[]', '[]')`,
);

const claim = statement(`UPDATE attempts
  SET state = 'running', engine = $2, lease_id = $3, lease_expires_at = $4, started_at = $5
  WHERE key = (SELECT key FROM attempts WHERE state = 'queued' AND ready = 1 AND line = (
      SELECT key FROM lines WHERE place = $1 AND open = 1 AND turn IS NOT NULL ORDER BY turn, key LIMIT 1)
    ORDER BY rank, key LIMIT 1)
  RETURNING ${columns}, line,
    (SELECT CASE WHEN lines.limited = 1 THEN lines.job_id WHEN lines.lane <> '' THEN '' END
    FROM lines WHERE lines.key = attempts.line) AS bound_by`);
const giveBack = statement(`UPDATE attempts
  SET state = 'queued', engine = NULL, lease_id = NULL, lease_expires_at = NULL, started_at = NULL WHERE key = $1`);

const renew = statement(`UPDATE attempts SET lease_expires_at = $3
  WHERE id = $1 AND lease_id = $2 AND state || '' = 'running'`);
const progress = statement(`UPDATE attempts
  SET phases = COALESCE($3, phases), steps = COALESCE($4, steps), first_line = COALESCE($5, first_line)
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
const patched = patching(columnOf, 7);
const change = statement(`UPDATE attempts SET ${patched.assignments} WHERE ${unchanged} RETURNING line,
    (SELECT ${isBound} FROM lines WHERE lines.key = attempts.line) AS bound`);
const patchedHeld = patching(columnOf, 2);
const changeHeld = statement(`UPDATE attempts SET ${patchedHeld.assignments}
  WHERE id = $1 AND lease_id = $2 AND state || '' = 'running'`);

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

export type NewAttempt = Pick<
  Attempt,
  'id' | 'runId' | 'number' | 'priority' | 'rank' | 'queuedAt' | 'availableAt'
> & { ready: boolean; /** The key of the line that it waits in. */ line: number };

export function insertAttempts(sql: Transaction, made: readonly NewAttempt[]): void {
  const rows = made.map(({ id, runId, number, line, priority, rank, ready, queuedAt, availableAt }) => {
    const times = [queuedAt, availableAt];
    return [id, runId, number, line, priority, rank, Number(ready), ...times];
  });
  insert.send(sql, rows);
}

/** A claimed attempt, the line that it stands in, and its job's id where the line is a limited one. */
export interface TakenAttempt {
  attempt: Attempt;
  line: OwnLine;
  limitedJob: string | undefined;
}

/** Takes the ready attempt that comes first in the open line whose turn it is. */
export async function takeAttempt(
  sql: Sql,
  { place, engine, leaseId, leaseExpiresAt }: AttemptClaim,
  now: number,
): Promise<TakenAttempt | undefined> {
  const row = await sql.get(claim, [place, engine, leaseId, leaseExpiresAt, now]);
  if (!row) return undefined;
  const boundBy = textOrNull(row, 'bound_by');
  const line = { key: integer(row, 'line'), isBound: boundBy !== null };
  return {
    attempt: attemptOf(row),
    line,
    limitedJob: boundBy === null || boundBy === '' ? undefined : boundBy,
  };
}

/** Undoes `takeAttempt`. */
export async function giveAttemptBack(sql: Sql, attemptKey: number): Promise<void> {
  await sql.run(giveBack, [attemptKey]);
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
  const values = [phases && JSON.stringify(phases), steps && JSON.stringify(steps), firstLine];
  return (await sql.run(progress, [attemptId, leaseId, ...values.map((value) => value ?? null)])) === 1;
}

/** Makes ready the queued attempts whose pause is over; gives the line of each. */
export async function readyAttempts(sql: Sql, now: number, limit: number): Promise<number[]> {
  return (await sql.all(makeReady, [now, limit])).map((row) => integer(row, 'line'));
}

/** Changes the attempt where it and the run are still the ones that are told of; gives its line, undefined where not. */
export async function changeAttempt(
  sql: Sql,
  run: Run,
  attempt: Attempt,
  patch: AttemptPatch,
): Promise<OwnLine | undefined> {
  const { id, state, leaseId } = attempt;
  const identity: SqlValue[] = [
    id,
    run.id,
    state,
    leaseId,
    run.state,
    run.attempt,
    archivedFlag(run.archivedAt),
  ];
  const row = await sql.get(change, [...identity, ...patched.params(patch)]);
  return row && ownLineOf(row);
}

/** Changes an attempt that this transaction has seen running under its lease. */
export function changeHeldAttempt(sql: Transaction, { id, leaseId }: Attempt, patch: AttemptPatch): void {
  sql.send(changeHeld, [id, leaseId, ...patchedHeld.params(patch)], 1);
}

function attemptOf(row: Row): Attempt {
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
