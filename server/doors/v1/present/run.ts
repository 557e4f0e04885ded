import { buildResultJson, wholeBuildResultJson } from '../../../words/result.ts';
import type { ExecutionTrace, Run, RunBody } from '../../../words/run.ts';
import { statusOf, triggeredBy } from './runWords.ts';

/** What a run shows that does not stand in its own row. */
export interface RunParts {
  body: RunBody;
  /** Of the version that it is done by. */
  versionId: string | undefined;
  /** Whether all that is known of built images is shown, or what names them. */
  whole?: boolean;
}

/** A run as this interface's document shows it: what is absent is left out, and nothing is null. */
export function runJson(run: Run, { body, versionId, whole = false }: RunParts): Record<string, unknown> {
  return given({
    id: run.id,
    job_id: run.jobId,
    project_id: run.project,
    status: statusOf(run.state),
    attempt: run.attempt,
    payload: body.payload === null ? undefined : asObject(body.payload),
    result: resultOf(run, body, whole),
    metadata: unlessEmpty(run.metadata),
    error: run.error,
    triggered_by: triggeredBy(run.trigger),
    scheduled_at: timeOf(run.scheduledAt),
    started_at: timeOf(run.startedAt),
    finished_at: timeOf(run.completedAt),
    heartbeat_at: timeOf(run.heartbeatAt),
    next_retry_at: timeOf(run.nextRetryAt),
    expires_at: timeOf(run.expiresAt),
    parent_run_id: run.parentRunId,
    platform: run.request.part?.platform,
    priority: run.priority,
    idempotency_key: run.idempotencyKey,
    job_version: run.jobVersion,
    execution_trace: run.executionTrace && traceJson(run.executionTrace),
    debug_mode: false,
    lineage_depth: run.lineageDepth,
    tags: unlessEmpty(run.tags),
    job_version_id: versionId,
    created_by: run.createdBy,
    batch_id: run.batchId,
    concurrency_key: run.concurrencyKey,
    created_at: timeOf(run.createdAt),
  });
}

/** A JSON text as an object; any other value is put into one. */
export function asObject(text: string): object {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value };
}

/** RFC 3339; undefined where there is no such time. */
export function timeOf(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(ms).toISOString();
}

/** The members that say something. */
export function given(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined && value !== null) kept[name] = value;
  }
  return kept;
}

function resultOf(run: Run, { output }: RunBody, whole: boolean): object | undefined {
  if (output !== null) return asObject(output);
  return whole ? wholeBuildResultJson(run) : buildResultJson(run);
}

function traceJson(trace: ExecutionTrace): object {
  return {
    queue_wait_ms: trace.queueWaitMs,
    dequeue_ms: trace.dequeueMs,
    connect_ms: trace.connectMs,
    ttfb_ms: trace.ttfbMs,
    transfer_ms: trace.transferMs,
    total_ms: trace.totalMs,
    dispatch_ms: trace.dispatchMs,
  };
}

function unlessEmpty(members: Record<string, string>): object | undefined {
  return Object.keys(members).length === 0 ? undefined : members;
}
