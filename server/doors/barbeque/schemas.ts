import { z } from 'zod';
import { executionStatuses } from './status.ts';

const messageId = z.uuid();
const status = z.enum(executionStatuses);

export const execution = z
  .object({
    message_id: messageId,
    status,
    id: z.int().min(1).nullable().meta({
      description: 'The number of its first attempt; null until that was started.',
    }),
    html_url: z.string().nullable().meta({ description: 'Where people see it. Only where it is asked for.' }),
    message: z.unknown().meta({ description: 'As it was sent. Only where it is asked for.' }),
  })
  .partial()
  .meta({ id: 'JobExecution', description: 'With the fields that were asked for.' });

export const newExecution = z
  .object({
    application: z.string().meta({ description: 'The project.' }),
    job: z.string().meta({ description: "The job's slug." }),
    queue: z.string(),
    message: z.unknown().meta({ description: 'Anything but null. Of an image job an object with `ref`.' }),
    delay_seconds: z.int().min(0).max(900).nullable().optional(),
    fields: z.string().optional(),
  })
  .meta({ id: 'JobExecutionRequest' });

export const retryWish = z
  .object({ delay_seconds: z.int().min(0).max(900).nullable(), fields: z.string() })
  .partial()
  .meta({ id: 'JobExecutionRetryRequest' });

export const jobRetry = z
  .object({ message_id: messageId, status: z.literal('pending') })
  .partial()
  .meta({ id: 'JobExecutionRetry' });

export const revision = z
  .object({ revision: z.string().meta({ description: 'A tag.' }) })
  .meta({ id: 'RevisionLock' });

export const fieldsQuery = z
  .object({
    fields: z.string().meta({
      description: 'Names with a comma between them; __default__ is message_id, status and id, * is all.',
    }),
  })
  .partial();
