import { z } from 'zod';
import type { OperationGroup } from '../../../http/operation.ts';
import { webhookDelivery, webhookDeliveryDetail, webhookDeliveryList } from '../schemas/webhooks.ts';
import { linkHeader, paging } from '../../../http/lists.ts';
import { project } from './lists.ts';

const deliveriesQuery = project.extend(paging.shape).extend({
  run_id: z.uuid().optional(),
  status: webhookDelivery.shape.status.optional(),
});

/** What jobs told their webhooks. */
export const webhookOperations: OperationGroup = {
  tag: 'Webhook deliveries',
  description:
    'What webhook_url of a job is told when a run has ended, signed with webhook_secret: X-Strait-Signature is v1= and the HMAC-SHA256 of X-Strait-Timestamp, a dot, and the body. Kept for 30 days.',
  operations: {
    'get /v1/webhook-deliveries': {
      id: 'listWebhookDeliveries',
      summary: 'List webhook deliveries',
      query: deliveriesQuery,
      answers: { 200: { description: 'Newest first.', schema: webhookDeliveryList, headers: linkHeader } },
    },
    'get /v1/webhook-deliveries/:delivery': {
      id: 'getWebhookDelivery',
      summary: 'Get a webhook delivery',
      answers: { 200: { description: 'With what is sent, and every try.', schema: webhookDeliveryDetail } },
    },
    'post /v1/webhook-deliveries/:delivery/redeliver': {
      id: 'redeliverWebhook',
      summary: 'Send a webhook again',
      description:
        'Now, with as many tries as a new one has; also what was delivered or waits for its next try.',
      answers: { 202: { description: 'The delivery.', schema: webhookDelivery } },
    },
  },
};
