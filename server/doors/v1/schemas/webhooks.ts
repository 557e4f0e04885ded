import { z } from 'zod';
import { pageOf } from '../../../http/lists.ts';

const time = z.iso.datetime({ offset: true });
const states = ['pending', 'delivered', 'dead'] as const;

export const webhookDelivery = z
  .object({
    id: z.uuid().meta({ description: 'Sent as X-Strait-Delivery-ID, in every try the same.' }),
    run_id: z.uuid(),
    job_id: z.uuid(),
    project_id: z.string(),
    event_type: z.string().meta({ description: 'run.completed, run.dead_letter …' }),
    webhook_url: z.string(),
    status: z
      .enum(states)
      .meta({ description: 'dead: refused for good, or tried often enough. It can be sent again.' }),
    attempts: z.int().min(0).meta({ description: 'Tries so far.' }),
    max_attempts: z.int().min(1),
    next_retry_at: time.optional(),
    last_status_code: z.int().optional(),
    last_error: z.string().optional(),
    created_at: time,
    delivered_at: time.optional(),
  })
  .meta({ id: 'WebhookDelivery', description: 'What the webhook of a job is told of the end of a run.' });

const webhookTry = z
  .object({
    attempt: z.int().min(1),
    status_code: z.int().optional().meta({ description: 'Absent where no answer came.' }),
    error: z.string().optional(),
    duration_ms: z.int().min(0),
    created_at: time,
  })
  .meta({ id: 'WebhookAttempt' });

export const webhookDeliveryDetail = webhookDelivery
  .extend({
    payload: z.record(z.string(), z.unknown()).meta({ description: 'The JSON that is sent.' }),
    tries: z.array(webhookTry),
  })
  .meta({ id: 'WebhookDeliveryDetail' });

export const webhookDeliveryList = z.union([z.array(webhookDelivery), pageOf(webhookDelivery)]).meta({
  id: 'WebhookDeliveryList',
  description: 'A page where limit or cursor was given, else an array.',
});
