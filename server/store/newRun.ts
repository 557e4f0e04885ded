import type { Run } from '../words/run.ts';
import type { NewRun } from './contract/runs.ts';

/**
 * The run that is made, but for its key. Each member by itself: put together of parts it takes five times as much memory,
 * and crowds of runs are made at once.
 */
export function newRun(made: NewRun): Omit<Run, 'key'> {
  const { job } = made;
  const wish = wishesOf(made);
  const attempt = made.state === 'queued' ? 1 : 0;
  return {
    id: made.id,
    jobId: job.id,
    jobVersion: job.version,
    project: job.project,
    slug: job.slug,
    kind: job.kind,
    queue: made.queue,
    state: made.state,
    priority: made.priority,
    trigger: made.trigger,
    ref: made.ref,
    request: made.request,
    phase: null,
    commit: null,
    reason: null,
    error: null,
    result: null,
    attempt,
    countedAttempts: attempt,
    maxAttempts: made.maxAttempts,
    timeoutMs: made.timeoutMs,
    createdAt: made.createdAt,
    startedAt: null,
    completedAt: null,
    archivedAt: null,
    cancelRequestedAt: null,
    cancelReason: null,
    parentRunId: wish.parentRunId,
    lineageDepth: made.lineageDepth ?? 0,
    payloadHash: wish.payloadHash,
    tags: made.tags ?? {},
    metadata: made.metadata ?? {},
    scheduledAt: wish.scheduledAt,
    nextRetryAt: null,
    expiresAt: wish.expiresAt,
    idempotencyKey: wish.idempotencyKey,
    concurrencyKey: wish.concurrencyKey,
    debounceKey: wish.debounceKey,
    batchId: wish.batchId,
    createdBy: wish.createdBy,
    heartbeatAt: null,
    executionTrace: null,
  };
}

/** What most runs are made without. */
function wishesOf(made: NewRun) {
  return {
    parentRunId: made.parentRunId ?? null,
    payloadHash: made.payloadHash ?? null,
    scheduledAt: made.scheduledAt ?? null,
    expiresAt: made.expiresAt ?? null,
    idempotencyKey: made.idempotencyKey ?? null,
    concurrencyKey: made.concurrencyKey ?? null,
    debounceKey: made.debounceKey ?? null,
    batchId: made.batchId ?? null,
    createdBy: made.createdBy ?? null,
  };
}
