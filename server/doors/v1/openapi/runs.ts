import { z } from 'zod';
import type { Operation, OperationGroup } from '../../../http/operation.ts';
import { cancelAllBody, rescheduleBody, runIdsBody } from '../schemas/runRequests.ts';
import {
  bulkCancelAnswer,
  bulkReplayAnswer,
  dependencyStatus,
  jobRun,
  jobRunList,
  runEventList,
  stats,
} from '../schemas/runs.ts';
import { linkHeader, paging } from '../../../http/lists.ts';
import { project } from './lists.ts';

const filters = z
  .object({
    job_id: z.string().meta({ description: 'Id or slug of a job.' }),
    status: z.string().meta({ description: 'One or several, with commas.' }),
    triggered_by: z.string().meta({ description: 'manual, cron, job_completion or retry.' }),
    batch_id: z.string(),
    tag_key: z
      .string()
      .meta({ description: 'Runs with this tag; tags[key]=value does the same, and often.' }),
    tag_value: z.string(),
    metadata_key: z.string().meta({ description: 'The same of metadata.' }),
    metadata_value: z.string(),
    payload_contains: z.string().meta({ description: 'A JSON object that the payload contains, or a text.' }),
    error_class: z
      .string()
      .meta({ description: 'timeout, rate_limited, auth, client, server, connection … or a reason.' }),
  })
  .partial();
const runsQuery = project.extend(paging.shape).extend(filters.shape);
const listed = { description: 'Newest first.', schema: jobRunList, headers: linkHeader };
const replayed: Operation['answers'] = {
  201: { description: 'The new run.', schema: jobRun, headers: { Location: 'The run.' } },
};

/** What was asked of jobs, and how it went. */
export const runOperations: OperationGroup = {
  tag: 'Runs',
  description: 'What was asked of jobs, and how it went.',
  operations: {
    'get /v1/runs': {
      id: 'listRuns',
      summary: 'List runs',
      description: 'Filters hold together.',
      query: runsQuery,
      answers: { 200: listed },
    },
    'get /v1/runs/dlq': {
      id: 'listDeadLetterRuns',
      summary: 'List runs that failed for good',
      query: runsQuery,
      answers: { 200: listed },
    },
    'post /v1/runs/bulk-cancel': {
      id: 'bulkCancelRuns',
      summary: 'Cancel several runs',
      body: { schema: runIdsBody },
      answers: { 200: { description: 'Each by itself.', schema: bulkCancelAnswer } },
    },
    'post /v1/runs/bulk-cancel-all': {
      id: 'bulkCancelAllRuns',
      summary: 'Cancel the runs that fit',
      query: project,
      body: { schema: cancelAllBody },
      answers: { 200: { description: 'The newest thousand of them.', schema: bulkCancelAnswer } },
    },
    'post /v1/runs/bulk-replay': {
      id: 'bulkReplayRuns',
      summary: 'Replay several runs',
      description: 'Those that failed; the answer says which could not be.',
      body: { schema: runIdsBody },
      answers: { 200: { description: 'The new runs.', schema: bulkReplayAnswer } },
    },
    'get /v1/runs/:run': {
      id: 'getRun',
      summary: 'Get a run',
      answers: { 200: { description: 'The run.', schema: jobRun } },
    },
    'delete /v1/runs/:run': {
      id: 'cancelRun',
      summary: 'Cancel a run',
      description: 'What waits is canceled at once, what executes is told to stop; 400 where it has ended.',
      answers: { 204: { description: 'It is canceled, or told so.' } },
    },
    'post /v1/runs/:run/replay': {
      id: 'replayRun',
      summary: 'Replay a run that failed',
      answers: replayed,
    },
    'post /v1/runs/:run/dlq-replay': {
      id: 'replayDeadLetterRun',
      summary: 'Replay a run that failed for good',
      answers: replayed,
    },
    'post /v1/runs/:run/reschedule': {
      id: 'rescheduleRun',
      summary: 'Give a delayed run another time',
      body: { schema: rescheduleBody },
      answers: { 200: { description: 'The run.', schema: jobRun } },
    },
    'delete /v1/runs/:run/idempotency-key': {
      id: 'resetIdempotencyKey',
      summary: 'Take the idempotency key from a run',
      description: 'The next trigger with that key makes another run.',
      answers: { 204: { description: 'The run has none (any more).' } },
    },
    'get /v1/runs/:run/children': {
      id: 'listRunChildren',
      summary: 'List the runs that came of a run',
      query: paging,
      answers: { 200: listed },
    },
    'get /v1/runs/:run/dependency-status': {
      id: 'getRunDependencyStatus',
      summary: 'Whether the dependencies of a run are met',
      answers: { 200: { description: 'For this run.', schema: dependencyStatus } },
    },
    'get /v1/runs/:run/events': {
      id: 'listRunEvents',
      summary: 'List the events of a run',
      description: 'The lines of its log, the first ones first; a cursor is the number of a line.',
      query: paging.extend({
        level: z.enum(['info', 'error', 'system']).optional(),
        type: z.string().optional().meta({ description: 'There is one: log.' }),
      }),
      answers: { 200: { description: 'The lines.', schema: runEventList, headers: linkHeader } },
    },
    'get /v1/runs/:run/stream': {
      id: 'streamRun',
      summary: 'Watch a run',
      description: 'Each change of its status until it ends; 410 where it has ended.',
      query: z
        .object({ logs: z.enum(['true', 'false']).meta({ description: 'Also each line of its log.' }) })
        .partial(),
      answers: { 200: { description: 'JSON in each event.', type: 'text/event-stream' } },
    },
    'get /v1/stats': {
      id: 'getStats',
      summary: 'Count runs by status',
      query: project,
      answers: { 200: { description: 'Of the project, or of all.', schema: stats } },
    },
  },
};
