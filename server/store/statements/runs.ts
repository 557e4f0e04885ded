import { type BuildResult, phases } from '../../../builder/model/spec.ts';
import { jobKinds } from '../../words/job.ts';
import {
  type ExecutionTrace,
  isPart,
  type Run,
  type RunRequest,
  runStates,
  triggers,
} from '../../words/run.ts';
import { integer, integerOrNull, json, jsonOrNull, oneOf, text, textOrNull } from '../row.ts';
import { inserting } from '../inserting.ts';
import { type Row, type Sql, type SqlValue, statement, type Transaction } from '../sql.ts';
import type { NewRun } from '../contract/runs.ts';
import { runCourse } from '../course.ts';
import { newRun } from '../newRun.ts';
import { ensureOrigin } from './origins.ts';
import { isLarge } from './runBodies.ts';

/** The columns that `runOf` reads. */
export const runColumns = `key, id, job_id, job_version, project, slug, kind, queue, state, priority, trigger, ref, request,
    phase, commit_id, reason, error, result, attempt, counted_attempts, max_attempts, timeout_ms, created_at,
    started_at, completed_at, archived_at, cancel_requested_at, cancel_reason, parent_run_id, lineage_depth, payload_hash,
    tags, metadata, scheduled_at, next_retry_at, expires_at, idempotency_key, concurrency_key, debounce_key, batch_id,
    created_by, heartbeat_at, execution_trace`;

const byId = statement(`SELECT ${runColumns} FROM runs WHERE id = $1`);

const setOrigin = statement('UPDATE runs SET origin = $2 WHERE id = $1');

const columns = `id, job_id, job_version, project, slug, kind, queue, state, archived, priority,
    trigger, ref, bobfile, request, attempt, counted_attempts, max_attempts, timeout_ms, created_at, parent_run_id,
    lineage_depth, payload_hash, tags, metadata, dependency_key, scheduled_at, expires_at, idempotency_key,
    concurrency_key, debounce_key, batch_id, created_by, platform, course, modified_at, origin`;
const insert = inserting(
  `INSERT INTO runs (${columns})`,
  `($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, (
      SELECT key FROM origins WHERE job_id = $35 AND job_version = $36 AND priority = $37 AND timeout_ms = $38))`,
  'RETURNING id, key, origin',
);
/** Every table with a foreign key to the runs. */
export const runsAreReferredBy = /\b(?:attempts|images|run_bodies|secrets)\b/;
const { gathering: insertLater } = inserting(
  `INSERT INTO runs (key, ${columns})`,
  `($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)`,
  '',
  { referredBy: runsAreReferredBy, keyed: 'runs' },
);

export async function runById(sql: Sql, id: string): Promise<Run | undefined> {
  const row = await sql.get(byId, [id]);
  return row && runOf(row);
}

/** A run that was just inserted, with its origin. */
export interface MadeRun {
  run: Run;
  origin: number | null;
}

/** Inserts the runs. Their attempts, payloads and counters are somebody else's. */
export async function insertRuns(sql: Transaction, made: readonly NewRun[]): Promise<MadeRun[]> {
  const runs = made.map(newRun);
  const values = runs.map((run) => valuesOf(run).concat(originOf(run)));
  const rows = new Map((await insert.all(sql, values)).map((row) => [row['id'], row]));
  const inserted: MadeRun[] = [];
  for (const run of runs) {
    const row = rows.get(run.id);
    if (!row) throw new Error(`the run ${run.id} got no key`);
    const known = Object.assign(run, { key: integer(row, 'key') });
    sql.keys.used('runs', known.key);
    inserted.push({ run: known, origin: integerOrNull(row, 'origin') ?? (await firstOfOrigin(sql, known)) });
  }
  return inserted;
}

/**
 * Whether the run can be inserted later than others of its group, together with theirs. Where another one could have a key
 * of it already, it is inserted at once: what that is refused for is not to be the others' fault.
 */
export function canWait(
  { keys }: Transaction,
  { idempotencyKey, debounceKey, payload = '' }: NewRun,
): boolean {
  const isAlone = idempotencyKey === undefined && debounceKey === undefined;
  return isAlone && !isLarge(payload) && keys.next('runs') !== undefined;
}

/** Has the run inserted at the latest before the commit. */
export async function insertRunLater(sql: Transaction, made: NewRun): Promise<MadeRun> {
  const wanted = newRun(made);
  const origin = isPart(wanted) ? null : await ensureOrigin(sql, wanted);
  const key = sql.keys.next('runs');
  if (key === undefined) throw new Error(`the run ${made.id} cannot wait: nobody knows its key`);
  sql.keys.used('runs', key);
  sql.gather(insertLater, made.id, [key, ...valuesOf(wanted), origin]);
  return { run: Object.assign(wanted, { key }), origin };
}

/** Most runs have an origin that others have: only the first is inserted without. */
async function firstOfOrigin(sql: Sql, run: Run): Promise<number | null> {
  if (isPart(run)) return null;
  const origin = await ensureOrigin(sql, run);
  await sql.run(setOrigin, [run.id, origin]);
  return origin;
}

/** Gives a run another origin. */
export async function moveRun(sql: Sql, runId: string, origin: number): Promise<void> {
  await sql.run(setOrigin, [runId, origin]);
}

function valuesOf(run: Omit<Run, 'key'>): SqlValue[] {
  return [
    run.id,
    run.jobId,
    run.jobVersion,
    run.project,
    run.slug,
    run.kind,
    run.queue,
    run.state,
    run.priority,
    run.trigger,
    run.ref,
    run.request.bobfile ?? '',
    JSON.stringify(run.request),
    run.attempt,
    run.countedAttempts,
    run.maxAttempts,
    run.timeoutMs,
    run.createdAt,
    run.parentRunId,
    run.lineageDepth,
    run.payloadHash,
    JSON.stringify(run.tags),
    JSON.stringify(run.metadata),
    run.metadata['dependency_key'] ?? null,
    run.scheduledAt,
    run.expiresAt,
    run.idempotencyKey,
    run.concurrencyKey,
    run.debounceKey,
    run.batchId,
    run.createdBy,
    run.request.part?.platform ?? null,
    runCourse(run),
    run.createdAt,
  ];
}

/** Finds its origin, where it has one. */
function originOf(run: Omit<Run, 'key'>): SqlValue[] {
  return [isPart(run) ? null : run.jobId, run.jobVersion, run.priority, run.timeoutMs];
}

/** How the database says whether a run is archived. */
export function archivedFlag(archivedAt: number | null): 0 | 1 {
  return archivedAt === null ? 0 : 1;
}

/** The run of a row with `runColumns`. */
export function runOf(row: Row): Run {
  return { ...identityOf(row), ...courseOf(row), ...wishesOf(row) };
}

function identityOf(row: Row) {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    jobId: text(row, 'job_id'),
    jobVersion: integer(row, 'job_version'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    kind: oneOf(jobKinds, row, 'kind'),
    queue: text(row, 'queue'),
    trigger: oneOf(triggers, row, 'trigger'),
    createdAt: integer(row, 'created_at'),
    parentRunId: textOrNull(row, 'parent_run_id'),
    lineageDepth: integer(row, 'lineage_depth'),
    batchId: textOrNull(row, 'batch_id'),
    createdBy: textOrNull(row, 'created_by'),
  };
}

function courseOf(row: Row) {
  return {
    state: oneOf(runStates, row, 'state'),
    phase: row['phase'] === null ? null : oneOf(phases, row, 'phase'),
    commit: textOrNull(row, 'commit_id'),
    reason: textOrNull(row, 'reason'),
    error: textOrNull(row, 'error'),
    result: jsonOrNull(row, 'result') as BuildResult | null,
    attempt: integer(row, 'attempt'),
    countedAttempts: integer(row, 'counted_attempts'),
    startedAt: integerOrNull(row, 'started_at'),
    completedAt: integerOrNull(row, 'completed_at'),
    archivedAt: integerOrNull(row, 'archived_at'),
    cancelRequestedAt: integerOrNull(row, 'cancel_requested_at'),
    cancelReason: textOrNull(row, 'cancel_reason'),
    nextRetryAt: integerOrNull(row, 'next_retry_at'),
    heartbeatAt: integerOrNull(row, 'heartbeat_at'),
    executionTrace: jsonOrNull(row, 'execution_trace') as ExecutionTrace | null,
  };
}

function wishesOf(row: Row) {
  return {
    priority: integer(row, 'priority'),
    ref: text(row, 'ref'),
    request: json(row, 'request') as RunRequest,
    maxAttempts: integer(row, 'max_attempts'),
    timeoutMs: integer(row, 'timeout_ms'),
    payloadHash: textOrNull(row, 'payload_hash'),
    tags: json(row, 'tags') as Run['tags'],
    metadata: json(row, 'metadata') as Run['metadata'],
    scheduledAt: integerOrNull(row, 'scheduled_at'),
    expiresAt: integerOrNull(row, 'expires_at'),
    idempotencyKey: textOrNull(row, 'idempotency_key'),
    concurrencyKey: textOrNull(row, 'concurrency_key'),
    debounceKey: textOrNull(row, 'debounce_key'),
  };
}
