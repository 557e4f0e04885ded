import type { NewRun } from '../../store/contract/runs.ts';
import type { Job } from '../../words/job.ts';
import { usualQueue } from '../../words/queue.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Policy } from '../room.ts';
import type { Payload } from './payload.ts';
import { debounceMs, type Plan } from './plan.ts';
import type { Submission } from './submission.ts';
import { given } from '../../../builder/model/given.ts';

export interface RunParts {
  id: string;
  job: Job;
  submission: Submission;
  payload: Payload | undefined;
  ref: string;
  plan: Plan;
}

/** The run as it is stored first. */
export function newRun(
  { id, job, submission, payload, ref, plan }: RunParts,
  policy: Policy,
  now: number,
): NewRun {
  const { trigger, request = {}, priority = 0, tags, parent } = submission;
  return {
    id,
    job,
    state: plan.state,
    queue: submission.queue ?? job.definition.queue ?? usualQueue,
    priority,
    trigger,
    ref,
    request,
    maxAttempts: job.definition.maxAttempts || policy.maxAttempts,
    timeoutMs: plan.timeoutMs,
    createdAt: now,
    attemptId: uuid7(now),
    tags: { ...job.definition.tags, ...tags },
    metadata: plan.metadata,
    ...(parent && { parentRunId: parent.id, lineageDepth: parent.lineageDepth + 1 }),
    ...(payload && { payload: payload.text, payloadHash: payload.hash }),
    ...given({
      ...keysOf(job, submission, ref, plan),
      scheduledAt: plan.scheduledAt,
      expiresAt: plan.expiresAt,
    }),
  };
}

function keysOf(job: Job, submission: Submission, ref: string, { state }: Plan) {
  const { idempotencyKey, batchId, createdBy } = submission;
  const isDebounced = state === 'delayed' && debounceMs(job, submission) > 0;
  return {
    idempotencyKey,
    concurrencyKey: submission.concurrencyKey || usualKey(job, ref),
    debounceKey: isDebounced ? (submission.debounceKey ?? '') : undefined,
    batchId,
    createdBy,
  };
}

/** Builds of one ref supersede each other where the job says how. */
function usualKey({ kind, definition }: Job, ref: string): string | undefined {
  return kind === 'image' && definition.supersedePolicy !== undefined ? ref : undefined;
}
