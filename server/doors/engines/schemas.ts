import { z } from 'zod';
import { wishes } from '../../words/wish.ts';

const count = z.int().min(0);
const bytes = z.int().min(0);
const wish = z.enum(wishes).meta({
  description: 'What was asked for: paused and draining finish what they have and take nothing more.',
});

export const shownEngine = z
  .object({
    name: z.string(),
    worker: z.string().meta({ description: 'The process that uses it: see /workers.' }),
    state: z.enum(['unknown', 'ok', 'unreachable', 'paused', 'draining']).meta({
      description: 'How the last contact went; where that went well, what was asked for of it or its worker.',
    }),
    wish,
    problem: z.string().optional().meta({ description: 'Why the last contact failed.' }),
    last_contact_at: z.iso.datetime().optional(),
    version: z.string().optional(),
    api_version: z.string().optional().meta({ description: 'The one that is spoken.' }),
    labels: z.record(z.string(), z.string()),
    slots: count.meta({ description: 'Builds at once.' }),
    busy: count.meta({ description: 'Slots that are taken.' }),
    memory_bytes: bytes.optional().meta({ description: 'Of a build, at most.' }),
    cpus: z.number().optional().meta({ description: 'Of a build, at most.' }),
    network: z.string().optional().meta({ description: 'Of RUN.' }),
    dedicated: z.boolean().meta({ description: 'Whether nobody else uses it.' }),
    disk: z.object({ high_bytes: bytes, low_bytes: bytes }).optional(),
    breaker: z
      .object({
        state: z.enum(['closed', 'open', 'half_open']),
        failures: count.meta({ description: 'Attempts in a row that failed through the engine.' }),
        open_until: z.iso.datetime().optional(),
      })
      .meta({ description: 'An engine that fails again and again gets no work for a while (open).' }),
    warnings: z.array(z.string()).meta({ description: 'Known holes of its version.' }),
  })
  .meta({ id: 'Engine' });
export type ShownEngine = z.output<typeof shownEngine>;

export const shownServer = z
  .object({
    state: wish,
    busy: count.meta({ description: 'Runs that are worked on.' }),
    waiting: count.meta({ description: 'Runs that are queued.' }),
    idle: z.boolean().meta({
      description: 'Nothing is worked on; and unless it is paused or drains, nothing waits either.',
    }),
  })
  .meta({ id: 'Server' });
