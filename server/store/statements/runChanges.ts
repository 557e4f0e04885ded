import type { Attempt, Run } from '../../words/run.ts';
import type { RunPatch } from '../../words/transitions/change.ts';
import type { Progress } from '../contract/runs.ts';
import { runCourseAfter } from '../course.ts';
import { gathering, typesOf } from '../gathering.ts';
import { patching } from '../patch.ts';
import { integerOrNull, text } from '../row.ts';
import { type Sql, statement, type Transaction } from '../sql.ts';
import { later } from './later.ts';
import { archivedFlag } from './runs.ts';

const columnOf: Record<keyof RunPatch | 'archived', string> = {
  state: 'state',
  phase: 'phase',
  commit: 'commit_id',
  reason: 'reason',
  error: 'error',
  result: 'result',
  attempt: 'attempt',
  countedAttempts: 'counted_attempts',
  startedAt: 'started_at',
  completedAt: 'completed_at',
  archivedAt: 'archived_at',
  archived: 'archived',
  cancelRequestedAt: 'cancel_requested_at',
  cancelReason: 'cancel_reason',
  jobVersion: 'job_version',
  scheduledAt: 'scheduled_at',
  nextRetryAt: 'next_retry_at',
  expiresAt: 'expires_at',
  heartbeatAt: 'heartbeat_at',
  executionTrace: 'execution_trace',
};
const patched = patching(columnOf, 9, { completedAt: later });
// Written so that no index of states is taken: among many queued runs it would find the one slowly.
const change = statement(`UPDATE runs SET ${patched.assignments}, modified_at = ${later('$8')}, course = $9
  WHERE id = $1 AND state || '' = $2 AND attempt = $3 AND archived + 0 = $4 AND (CAST($5 AS TEXT) IS NULL OR EXISTS (
    SELECT 1 FROM attempts WHERE id = $5 AND run_id = $1 AND state = $6 AND (state <> 'running' OR lease_id = $7)))
  RETURNING slug, origin`);

function columnsOf(...keys: (keyof typeof columnOf)[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, columnOf[key]]));
}

const integers: readonly string[] = [
  'attempt',
  'countedAttempts',
  'startedAt',
  'completedAt',
  'archivedAt',
  'archived',
  'cancelRequestedAt',
  'jobVersion',
  'scheduledAt',
  'nextRetryAt',
  'expiresAt',
  'heartbeatAt',
];

/** Changes of these columns alone. */
function heldChange(columns: Readonly<Record<string, string>>) {
  const patch = patching(columns, 5, { completedAt: later });
  const types = [
    'TEXT',
    'TEXT',
    'BIGINT',
    'BIGINT',
    'BIGINT',
    'BIGINT',
    ...typesOf(columns, integers),
  ] as const;
  const changing = gathering(
    /\bruns\b/,
    types,
    ({
      param,
      from,
      isMeant,
    }) => `UPDATE runs SET ${patch.assignmentsWith(param)}, modified_at = ${later(param(4))},
    course = ${param(5)} ${from}
  WHERE ${isMeant} AND state || '' = ${param(2)} AND attempt = ${param(3)} AND archived + 0 = 0`,
  );
  return { ...patch, changing };
}

// A database looks after whatever hangs on a column that is named, also where that stays as it is: a start and an end,
// which each run has, name only their own.
const start = heldChange(columnsOf('state', 'phase', 'startedAt', 'nextRetryAt', 'heartbeatAt'));
const end = heldChange(
  columnsOf(
    'state',
    'phase',
    'reason',
    'error',
    'commit',
    'result',
    'completedAt',
    'nextRetryAt',
    'executionTrace',
  ),
);
const heldChanges = [start, end, heldChange(columnOf)];

const progress = statement(`UPDATE runs SET phase = COALESCE($2, phase), commit_id = COALESCE($3, commit_id)
  WHERE state || '' = 'running' AND id = (SELECT run_id FROM attempts WHERE id = $1)`);
const setHash = statement('UPDATE runs SET payload_hash = $2 WHERE id = $1');
const clearKey = statement('UPDATE runs SET idempotency_key = NULL WHERE id = $1');

/**
 * Changes the run where it is still the one that is told of, and its attempt, if one is given, is now as it is told of.
 * `at` is when its state changed, undefined where it does not. Gives the slug that the run has by now,
 * and its origin; undefined where nothing was changed.
 */
export async function changeRun(
  sql: Sql,
  run: Run,
  attempt: Pick<Attempt, 'id' | 'state' | 'leaseId'> | undefined,
  patch: RunPatch,
  at: number | undefined,
): Promise<{ slug: string; origin: number | null } | undefined> {
  const archived = patch.archivedAt === undefined ? undefined : archivedFlag(patch.archivedAt);
  const ofRun = [run.id, run.state, run.attempt, archivedFlag(run.archivedAt)];
  const ofAttempt = [attempt?.id ?? null, attempt?.state ?? null, attempt?.leaseId ?? null];
  const row = await sql.get(change, [
    ...ofRun,
    ...ofAttempt,
    at ?? null,
    runCourseAfter(run, patch),
    ...patched.params({ ...patch, archived }),
  ]);
  return row && { slug: text(row, 'slug'), origin: integerOrNull(row, 'origin') };
}

/**
 * Changes a run that this transaction has read, which its attempt keeps from being archived; `mayWait` where nobody is to see
 * it at once.
 */
export function changeHeldRun(
  sql: Transaction,
  run: Run,
  patch: RunPatch,
  { at, mayWait }: { at: number | undefined; mayWait: boolean },
): void {
  const { jobVersion, ...others } = patch;
  const changed = jobVersion === run.jobVersion ? others : patch;
  const found = heldChanges.find((one) => one.fits(changed));
  if (!found) throw new Error(`a change of run ${run.id} has no column: ${Object.keys(changed).join(', ')}`);
  const fixed = [run.id, run.state, run.attempt, at ?? null, runCourseAfter(run, patch)];
  const values = [...fixed, ...found.params(changed)];
  if (mayWait) sql.gather(found.changing, run.id, values);
  else sql.send(found.changing.one, values, 1);
}

/** Notes how far the run of an attempt has come. */
export async function recordRunProgress(
  sql: Sql,
  attemptId: string,
  { phase, commit }: Progress,
): Promise<void> {
  await sql.run(progress, [attemptId, phase ?? null, commit ?? null]);
}

export async function clearIdempotencyKey(sql: Sql, runId: string): Promise<void> {
  await sql.run(clearKey, [runId]);
}

export async function setPayloadHash(sql: Sql, runId: string, payloadHash: string): Promise<void> {
  await sql.run(setHash, [runId, payloadHash]);
}
