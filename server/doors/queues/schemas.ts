import { z } from 'zod';
import { mostRunning } from '../../words/queue.ts';

const count = z.int().min(0);
const capError = `max_running must be a whole number from 1 to ${mostRunning}, or null`;
const cap = z
  .int({ error: capError })
  .min(1, { error: capError })
  .max(mostRunning, { error: capError })
  .nullable()
  .meta({
    description: 'Attempts that may run at once, on all engines and endpoints together; null is no limit.',
  });

export const shownQueue = z
  .object({
    name: z.string(),
    source: z.enum(['settings', 'api', 'jobs']).meta({
      description:
        'Who speaks for it: settings.json, this interface, or neither (the default one, and those that jobs name).',
    }),
    paused: z.boolean().meta({ description: 'Nothing of it is started.' }),
    max_running: cap,
    waiting: count.meta({ description: 'Attempts that are queued.' }),
    running: count,
  })
  .meta({ id: 'Queue' });
export type ShownQueueJson = z.output<typeof shownQueue>;

export const queueWish = z
  .strictObject(
    { max_running: cap, paused: z.boolean({ error: 'paused must be true or false' }) },
    { error: 'the body must be an object of max_running and paused, and nothing else' },
  )
  .partial()
  .meta({ id: 'QueueRequest', description: 'What is absent stays as it is.' });
