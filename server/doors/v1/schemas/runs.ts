import { z } from 'zod';
import { pageOf } from '../../../http/lists.ts';
import { runStatuses, triggerSources } from '../present/runWords.ts';
import { dependency, job } from './jobAnswers.ts';

const time = z.iso.datetime({ offset: true });
const whole = z.int().min(0);
const texts = z.record(z.string(), z.string());
const anyObject = z.record(z.string(), z.unknown());
const id = z.uuid();
const status = z.enum(runStatuses);
const token = z.string().meta({ description: 'Lets its holder speak for the run at /sdk/v1/runs/{id}.' });
const payloadHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256 of the payload with sorted keys.' });

const executionTrace = z
  .object({
    queue_wait_ms: whole,
    dequeue_ms: whole,
    connect_ms: whole,
    ttfb_ms: whole,
    transfer_ms: whole,
    total_ms: whole,
    dispatch_ms: whole,
  })
  .meta({ id: 'ExecutionTrace', description: 'How long the parts of the last call took.' });

const always = {
  id,
  job_id: id,
  project_id: z.string(),
  status,
  attempt: whole.meta({ description: 'Number of the newest try; 0 while it is delayed or waits.' }),
  triggered_by: z.enum(triggerSources),
  priority: z.int().min(0).max(10),
  job_version: z.int().min(1),
  debug_mode: z.boolean(),
  lineage_depth: whole.meta({ description: 'How many runs came before it as parents of each other.' }),
  created_at: time,
};

const sometimes = {
  payload: anyObject.meta({ description: 'What is no object is shown as {"value": …}.' }),
  result: anyObject.meta({
    description:
      'What the endpoint answered, as {"value": …} where that is no object; of a build {images, commit}. Of images a list shows what names them, a run by itself also base, builder, duration_ms, difference, and up to 200 layers and steps.',
  }),
  metadata: texts,
  error: z.string().meta({ description: 'A sentence for a person.' }),
  scheduled_at: time,
  started_at: time,
  finished_at: time,
  heartbeat_at: time,
  next_retry_at: time,
  expires_at: time,
  parent_run_id: id.meta({
    description: 'The run that this one is a replay of, or builds the image of one platform for.',
  }),
  platform: z.string().meta({ description: 'What a child run builds an image of its parent for.' }),
  idempotency_key: z.string(),
  execution_trace: executionTrace,
  tags: texts,
  job_version_id: z.string(),
  created_by: z.string(),
  batch_id: z.string(),
  concurrency_key: z.string(),
};

export const jobRun = z
  .object({ ...always, ...z.object(sometimes).partial().shape })
  .meta({ id: 'JobRun', description: 'A run. Fields that say nothing are absent, never null.' });

export const jobRunList = z.union([z.array(jobRun), pageOf(jobRun)]).meta({
  id: 'JobRunList',
  description:
    'A page where limit or cursor was given, else an array. A list leaves payloads and results out once it holds 4 MiB of them.',
});

const hit = z
  .object({ id, status, idempotency_hit: z.literal(true) })
  .meta({ id: 'IdempotencyHit', description: 'A run with that key has not ended.' });
const duplicate = z
  .object({ id, status, payload_hash: payloadHash.optional(), idempotency_hit: z.literal(false) })
  .strict()
  .meta({ id: 'DuplicateRun', description: 'The same payload came within the dedup window.' });
const debounced = z
  .object({ debounced: z.literal(true), fire_at: time, id })
  .meta({ id: 'DebouncedRun', description: 'The run waits for whether more triggers come.' });
const triggered = jobRun
  .extend({ payload_hash: payloadHash, run_token: token, idempotency_hit: z.literal(false) })
  .meta({ id: 'TriggeredRun' });

export const triggerAnswer = z.union([triggered, hit, duplicate, debounced]).meta({ id: 'TriggerResponse' });

export const dryRunAnswer = z
  .object({
    job,
    payload_hash: payloadHash,
    payload: anyObject,
    scheduled_at: time.optional(),
    expires_at: time.optional(),
    validation_warnings: z.array(z.string()),
  })
  .meta({ id: 'DryRunResponse', description: 'What the trigger would do; nothing was done.' });

export const bulkTriggerAnswer = z
  .object({
    batch_id: id,
    results: z
      .array(z.object({ id, status, run_token: token.optional(), idempotency_hit: z.boolean() }))
      .meta({ description: 'In the order of the items.' }),
    total: whole,
    created: whole.meta({ description: 'New runs among them.' }),
  })
  .meta({ id: 'BulkTriggerResponse' });

const cancelResult = z.object({
  id: z.string(),
  status: status.optional(),
  canceled: z.boolean().meta({ description: 'Canceled, or told to stop where it is executing.' }),
  error: z.string().optional(),
});

export const bulkCancelAnswer = z
  .object({
    results: z.array(cancelResult),
    total: whole,
    canceled: whole,
    failed: whole,
    has_more: z.boolean().optional().meta({ description: 'More runs fit: ask again.' }),
  })
  .meta({ id: 'BulkCancelResponse' });

export const bulkReplayAnswer = z
  .union([
    z.array(jobRun),
    z.object({
      runs: z.array(jobRun),
      errors: z.array(z.object({ id: z.string(), error: z.string() })),
      replayed: whole,
      total: whole,
    }),
  ])
  .meta({
    id: 'BulkReplayResponse',
    description: 'The new runs; where some could not be made, both lists. None at all is refused.',
  });

export const runEvent = z
  .object({
    id: z.string(),
    run_id: id,
    type: z.literal('log'),
    level: z.enum(['info', 'error', 'system']),
    message: z.string(),
    created_at: time,
  })
  .meta({ id: 'RunEvent', description: 'A line of the log; its number ends the id.' });

export const runEventList = z
  .union([z.array(runEvent), pageOf(runEvent)])
  .meta({ id: 'RunEventList', description: 'A page where limit or cursor was given, else an array.' });

export const dependencyStatus = z
  .object({
    run_id: id,
    job_id: id,
    status,
    dependencies: z.array(dependency),
    dependencies_satisfied: z.boolean(),
  })
  .meta({ id: 'RunDependencyStatusResponse' });

export const stats = z
  .object({
    ...Object.fromEntries(runStatuses.map((word) => [word, whole])),
    queue_depth: whole.meta({ description: 'Runs that could start at once if no limit held them back.' }),
    total: whole,
  })
  .meta({ id: 'Stats', description: 'How many runs there are of each status.' });
