import { z } from 'zod';
import { idempotencyHeaders } from '../../../http/idempotency.ts';
import type { OperationGroup } from '../../../http/operation.ts';
import { bulkTriggerBody, triggerBody } from '../schemas/runRequests.ts';
import { bulkTriggerAnswer, dryRunAnswer, triggerAnswer } from '../schemas/runs.ts';
import { project } from './lists.ts';

const headers = idempotencyHeaders.extend({
  Traceparent: z.string().optional().meta({ description: 'Handed on to the endpoint.' }),
  Tracestate: z.string().optional(),
});

/** How runs begin. */
export const triggerOperations: OperationGroup = {
  tag: 'Triggers',
  description: 'How runs begin.',
  operations: {
    'post /v1/jobs/:job/trigger': {
      id: 'triggerJob',
      summary: 'Trigger a job run',
      query: project,
      headers,
      body: { schema: triggerBody, optional: true },
      answers: {
        200: { description: 'With dry_run: what would happen.', schema: dryRunAnswer },
        202: {
          description: 'The new run with its token, or the one that is there already.',
          schema: triggerAnswer,
          headers: { Location: 'The run.' },
        },
      },
    },
    'post /v1/jobs/:job/trigger/bulk': {
      id: 'bulkTriggerJob',
      summary: 'Trigger multiple runs',
      description: 'Up to 500. All of them become runs, or none does.',
      query: project,
      body: { schema: bulkTriggerBody },
      answers: { 201: { description: 'In the order of the items.', schema: bulkTriggerAnswer } },
    },
  },
};
