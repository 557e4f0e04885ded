import { z } from 'zod';
import { metadata, tags } from './jobFields.ts';

const mostMetadataBytes = 64 * 1024;

export const scheduledAt = z.iso
  .datetime({ offset: true, error: 'scheduled_at must be a date and time of RFC 3339' })
  .meta({ description: 'Not before then; at most 30 days ahead.' });

/** What one run is asked for. */
const wish = {
  payload: z.unknown().meta({ description: 'Any JSON, at most 5 MiB; {} where absent.' }),
  priority: z.int().min(0).max(10).meta({ description: 'Higher goes first; 0 where absent.' }),
  idempotency_key: z
    .string()
    .max(256, 'idempotency_key is too long (max 256 characters)')
    .meta({ description: 'While a run of the job with this key has not ended, it is the answer.' }),
  metadata: metadata.refine(
    (given) => JSON.stringify(given).length <= mostMetadataBytes,
    `metadata is too long (max ${mostMetadataBytes} characters)`,
  ),
  tags: tags.meta({ description: 'Set over those of the job.' }),
  scheduled_at: scheduledAt,
  ttl_secs: z
    .int()
    .min(0)
    .max(30 * 24 * 3600)
    .meta({ description: 'The run is expired where it has not started by then.' }),
  concurrency_key: z
    .string()
    .max(256)
    .meta({ description: 'What max_concurrency_per_key and supersede_policy count by.' }),
  debounce_key: z.string().max(256).meta({ description: 'Triggers with the same one are held together.' }),
};

export const triggerBody = z
  .object({ ...wish, dry_run: z.boolean().meta({ description: 'Say what would happen, and do nothing.' }) })
  .partial()
  .meta({ id: 'TriggerJobRequest' });
export type TriggerBody = z.output<typeof triggerBody>;

export const bulkItem = z.object(wish).partial().meta({ id: 'BulkTriggerItem' });

export const mostItems = 500;
export const bulkTriggerBody = z
  .object({
    items: z
      .array(bulkItem)
      .min(1, 'items must not be empty')
      .max(mostItems, `maximum ${mostItems} items`)
      .meta({ description: 'All of them become runs, or none does.' }),
  })
  .meta({ id: 'BulkTriggerRequest' });

export const mostRunIds = 100;
export const runIdsBody = z
  .object({ run_ids: z.array(z.string()), ids: z.array(z.string()) })
  .partial()
  .meta({ id: 'RunIdsRequest', description: `Up to ${mostRunIds} ids, under either name.` });

export const cancelAllBody = z
  .object({ job_id: z.string(), batch_id: z.string(), triggered_by: z.string(), status: z.string() })
  .partial()
  .meta({
    id: 'BulkCancelAllRequest',
    description: 'Runs that fit all that is given and have not ended; at least one field.',
  });

export const rescheduleBody = z
  .object({
    scheduled_at: scheduledAt,
    payload: z.unknown().optional().meta({ description: 'Takes the place of the old one.' }),
  })
  .meta({ id: 'RescheduleRequest' });
