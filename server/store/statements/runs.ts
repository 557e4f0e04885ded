import { type BuildResult, phases } from '../../../builder/model/spec.ts';
import { type Run, type RunRequest, runStates, triggers } from '../../words/run.ts';
import type { RunPatch } from '../../words/transitions.ts';
import { patching } from '../patch.ts';
import { integer, integerOrNull, json, jsonOrNull, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import type { NewRun, Progress } from '../store.ts';

const kinds = ['image', 'container', 'http'] as const;

/** The columns that `runOf` reads. */
export const runColumns = `key, id, job_id, job_version, project, slug, kind, queue, state, priority, trigger, ref, request,
    phase, commit_id, reason, error, result, attempt, counted_attempts, max_attempts, timeout_ms, created_at,
    started_at, completed_at, archived_at, cancel_requested_at, parent_run_id`;

const byId = statement(`SELECT ${runColumns} FROM runs WHERE id = $1`);

const archivable = statement(`SELECT ${runColumns} FROM runs
  WHERE archived = 0 AND completed_at IS NOT NULL AND completed_at < $1 ORDER BY completed_at, key LIMIT $2`);

const insert =
  statement(`INSERT INTO runs (id, job_id, job_version, project, slug, kind, queue, state, archived, priority,
    trigger, ref, bobfile, request, attempt, counted_attempts, max_attempts, timeout_ms, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8, $9, $10, $11, $12, 1, 1, $13, $14, $15) RETURNING key`);

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
};
const patched = patching(columnOf, 4);
const change = statement(`UPDATE runs SET ${patched.assignments}
  WHERE id = $1 AND state = $2 AND attempt = $3 AND archived = $4`);

const progress = statement(`UPDATE runs SET phase = COALESCE($2, phase), commit_id = COALESCE($3, commit_id)
  WHERE state = 'running' AND id = (SELECT run_id FROM attempts WHERE id = $1)`);

export async function runById(sql: Sql, id: string): Promise<Run | undefined> {
  const row = await sql.get(byId, [id]);
  return row && runOf(row);
}

/** Runs that ended before `completedBefore` and are not archived, oldest first. */
export async function archivableRuns(sql: Sql, completedBefore: number, limit: number): Promise<Run[]> {
  return (await sql.all(archivable, [completedBefore, limit])).map(runOf);
}

/** Inserts the run in state queued. Its attempt and its counter are somebody else's. */
export async function insertRun(sql: Sql, made: NewRun): Promise<Run> {
  const { job, request } = made;
  const row = await sql.get(insert, [
    made.id,
    job.id,
    job.version,
    job.project,
    job.slug,
    job.kind,
    made.queue,
    made.priority,
    made.trigger,
    made.ref,
    request.bobfile ?? '',
    JSON.stringify(request),
    made.maxAttempts,
    made.timeoutMs,
    made.createdAt,
  ]);
  if (!row) throw new Error(`the run ${made.id} got no key`);
  return newRun(made, integer(row, 'key'));
}

/** Changes the run where it is still the one that `run` tells of; false where it is not. */
export async function changeRun(sql: Sql, run: Run, patch: RunPatch): Promise<boolean> {
  const archived = patch.archivedAt === undefined ? undefined : archivedFlag(patch.archivedAt);
  const where = [run.id, run.state, run.attempt, archivedFlag(run.archivedAt)];
  return (await sql.run(change, [...where, ...patched.params({ ...patch, archived })])) === 1;
}

/** Notes how far the run of an attempt has come. */
export async function recordRunProgress(
  sql: Sql,
  attemptId: string,
  { phase, commit }: Progress,
): Promise<void> {
  await sql.run(progress, [attemptId, phase ?? null, commit ?? null]);
}

/** How the database says whether a run is archived. */
export function archivedFlag(archivedAt: number | null): 0 | 1 {
  return archivedAt === null ? 0 : 1;
}

function newRun(made: NewRun, key: number): Run {
  const { attemptId: _, job, ...rest } = made;
  return {
    ...rest,
    key,
    jobId: job.id,
    jobVersion: job.version,
    project: job.project,
    slug: job.slug,
    kind: job.kind,
    state: 'queued',
    phase: null,
    commit: null,
    reason: null,
    error: null,
    result: null,
    attempt: 1,
    countedAttempts: 1,
    startedAt: null,
    completedAt: null,
    archivedAt: null,
    cancelRequestedAt: null,
    parentRunId: null,
  };
}

/** The run of a row with `runColumns`. */
export function runOf(row: Row): Run {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    jobId: text(row, 'job_id'),
    jobVersion: integer(row, 'job_version'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    kind: oneOf(kinds, row, 'kind'),
    queue: text(row, 'queue'),
    state: oneOf(runStates, row, 'state'),
    priority: integer(row, 'priority'),
    trigger: oneOf(triggers, row, 'trigger'),
    ref: text(row, 'ref'),
    request: json(row, 'request') as RunRequest,
    phase: row['phase'] === null ? null : oneOf(phases, row, 'phase'),
    commit: textOrNull(row, 'commit_id'),
    reason: textOrNull(row, 'reason'),
    error: textOrNull(row, 'error'),
    result: jsonOrNull(row, 'result') as BuildResult | null,
    attempt: integer(row, 'attempt'),
    countedAttempts: integer(row, 'counted_attempts'),
    maxAttempts: integer(row, 'max_attempts'),
    timeoutMs: integer(row, 'timeout_ms'),
    createdAt: integer(row, 'created_at'),
    startedAt: integerOrNull(row, 'started_at'),
    completedAt: integerOrNull(row, 'completed_at'),
    archivedAt: integerOrNull(row, 'archived_at'),
    cancelRequestedAt: integerOrNull(row, 'cancel_requested_at'),
    parentRunId: textOrNull(row, 'parent_run_id'),
  };
}
