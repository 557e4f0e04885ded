import type { Attempt, Run } from '../../../server/words/run.ts';
import type { AttemptRecord } from '../../../server/words/transitions/change.ts';

/** A run whose first attempt is building. */
export const run: Run = {
  key: 1,
  id: 'run',
  jobId: 'job',
  jobVersion: 1,
  project: 'acme',
  slug: 'site',
  kind: 'image',
  queue: 'default',
  state: 'running',
  priority: 0,
  trigger: 'api',
  ref: 'main',
  request: {},
  phase: 'build',
  commit: null,
  reason: null,
  error: null,
  result: null,
  attempt: 1,
  countedAttempts: 1,
  maxAttempts: 3,
  timeoutMs: 1000,
  createdAt: 1,
  startedAt: 2,
  completedAt: null,
  archivedAt: null,
  cancelRequestedAt: null,
  cancelReason: null,
  parentRunId: null,
  lineageDepth: 0,
  payloadHash: null,
  tags: {},
  metadata: {},
  scheduledAt: null,
  nextRetryAt: null,
  expiresAt: null,
  idempotencyKey: null,
  concurrencyKey: null,
  debounceKey: null,
  batchId: null,
  createdBy: null,
  heartbeatAt: null,
  executionTrace: null,
};

export const attempt: Attempt = {
  key: 1,
  id: 'attempt',
  runId: 'run',
  number: 1,
  state: 'running',
  priority: 0,
  rank: 1,
  queuedAt: 1,
  availableAt: 1,
  engine: 'one',
  leaseId: 'lease',
  leaseExpiresAt: 100,
  startedAt: 2,
  finishedAt: null,
  reason: null,
  error: null,
  exitCode: null,
  phases: [],
  steps: [],
  firstLine: 1,
  lastLine: null,
};

/** The same before it was claimed. */
export const queuedRun: Run = { ...run, state: 'queued', phase: null, startedAt: null };
export const queuedAttempt: Attempt = {
  ...attempt,
  state: 'queued',
  engine: null,
  leaseId: null,
  leaseExpiresAt: null,
  startedAt: null,
  firstLine: null,
};

/** A run that has no attempt yet. */
export const waitingRun: Run = { ...queuedRun, state: 'waiting', attempt: 0, countedAttempts: 0 };
export const delayedRun: Run = { ...waitingRun, state: 'delayed', scheduledAt: 500 };

export const record: AttemptRecord = { phases: [], steps: [], lastLine: 9 };
