import { z } from 'zod';

const mostMessageLength = 64 * 1024;
const message = z.string().max(mostMessageLength, 'message too long');

export const logBody = z
  .object({
    message: message.min(1, 'message is required'),
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'warn and error are written to stderr.' }),
    data: z.unknown().optional().meta({ description: 'Shown behind the message as JSON.' }),
  })
  .meta({ id: 'RunLogRequest' });

export const progressBody = z
  .object({
    percent: z.number().min(0).max(100),
    message: message.optional(),
  })
  .meta({ id: 'RunProgressRequest' });

export const completeBody = z
  .object({ result: z.unknown().optional().meta({ description: 'What the run gives back; at most 1 MiB.' }) })
  .meta({ id: 'RunCompleteRequest' });

export const failBody = z
  .object({ error: message.min(1, 'error is required').meta({ description: 'A sentence for a person.' }) })
  .meta({ id: 'RunFailRequest' });

export const reportAnswer = z
  .object({ id: z.uuid(), status: z.enum(['executing', 'completed', 'failed']) })
  .meta({ id: 'RunReportResponse' });
