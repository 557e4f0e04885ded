import type { PhaseRecord, StepRecord } from '../../../builder/model/spec.ts';
import { type Attempt, attemptStates, type Run } from '../../words/run.ts';
import type { AttemptPatch, Claim } from '../../words/transitions.ts';
import { patching } from '../patch.ts';
import { integer, integerOrNull, json, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement } from '../sql.ts';
import type { Progress } from '../store.ts';
import { archivedFlag } from './runs.ts';

const columns = `key, id, run_id, number, state, priority, queued_at, available_at, engine, lease_id, lease_expires_at,
    started_at, finished_at, reason, error, exit_code, phases, steps, first_line, last_line`;

const byId = statement(`SELECT ${columns} FROM attempts WHERE id = $1`);
const ofRun = statement(`SELECT ${columns} FROM attempts WHERE run_id = $1 ORDER BY number`);
const running = statement(
  `SELECT ${columns} FROM attempts WHERE state = 'running' ORDER BY lease_expires_at, key`,
);
const nextAvailable = statement(`SELECT MIN(available_at) AS at FROM attempts WHERE state = 'queued'`);

const insert =
  statement(`INSERT INTO attempts (id, run_id, number, state, priority, queued_at, available_at, phases, steps)
  VALUES ($1, $2, $3, 'queued', $4, $5, $6, '[]', '[]')`);

const claim = statement(`UPDATE attempts
  SET state = 'running', engine = $1, lease_id = $2, lease_expires_at = $3, started_at = $4
  WHERE state = 'queued' AND key = (
    SELECT key FROM attempts WHERE state = 'queued' AND available_at <= $4 ORDER BY priority DESC, key LIMIT 1)
  RETURNING ${columns}`);

const renew = statement(`UPDATE attempts SET lease_expires_at = $3
  WHERE id = $1 AND lease_id = $2 AND state = 'running'`);
const progress = statement(`UPDATE attempts
  SET phases = COALESCE($3, phases), steps = COALESCE($4, steps), first_line = COALESCE($5, first_line)
  WHERE id = $1 AND lease_id = $2 AND state = 'running'`);

// The attempt, its holder, and the run that it belongs to are all as they were when the change was thought out.
const unchanged = `id = $1 AND run_id = $2 AND state = $3 AND (state <> 'running' OR lease_id = $4)
    AND EXISTS (SELECT 1 FROM runs WHERE id = $2 AND state = $5 AND attempt = $6 AND archived = $7)`;
const check = statement(`SELECT key FROM attempts WHERE ${unchanged}`);

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
const change = statement(`UPDATE attempts SET ${patched.assignments} WHERE ${unchanged}`);

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

/** When the first of the queued attempts is available; that may be over already. */
export async function nextAvailableAt(sql: Sql): Promise<number | undefined> {
  const row = await sql.get(nextAvailable, []);
  return (row && integerOrNull(row, 'at')) ?? undefined;
}

export type NewAttempt = Pick<Attempt, 'id' | 'runId' | 'number' | 'priority' | 'queuedAt' | 'availableAt'>;

export async function insertAttempt(sql: Sql, made: NewAttempt): Promise<void> {
  await sql.run(insert, [made.id, made.runId, made.number, made.priority, made.queuedAt, made.availableAt]);
}

/** Takes the queued attempt that comes first among those available at `now`. */
export async function claimAttempt(sql: Sql, holder: Claim, now: number): Promise<Attempt | undefined> {
  const row = await sql.get(claim, [holder.engine, holder.leaseId, holder.leaseExpiresAt, now]);
  return row && attemptOf(row);
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

/** Whether attempt and run still are the ones that `attempt` and `run` tell of. */
export async function isUnchanged(sql: Sql, run: Run, attempt: Attempt): Promise<boolean> {
  return (await sql.get(check, identity(run, attempt))) !== undefined;
}

/** Changes the attempt where `isUnchanged`; false where it is not. */
export async function changeAttempt(
  sql: Sql,
  run: Run,
  attempt: Attempt,
  patch: AttemptPatch,
): Promise<boolean> {
  return (await sql.run(change, [...identity(run, attempt), ...patched.params(patch)])) === 1;
}

function identity(run: Run, attempt: Attempt): SqlValue[] {
  const { id, state, leaseId } = attempt;
  return [id, run.id, state, leaseId, run.state, run.attempt, archivedFlag(run.archivedAt)];
}

function attemptOf(row: Row): Attempt {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    runId: text(row, 'run_id'),
    number: integer(row, 'number'),
    state: oneOf(attemptStates, row, 'state'),
    priority: integer(row, 'priority'),
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
