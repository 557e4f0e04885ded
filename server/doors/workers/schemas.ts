import { z } from 'zod';
import { roles } from '../../words/member.ts';
import { wishes } from '../../words/wish.ts';

const count = z.int().min(0);

const engine = z
  .object({
    name: z.string(),
    state: z.enum(['unknown', 'ok', 'unreachable', 'paused', 'draining']),
    platform: z.string().optional(),
    slots: count,
    busy: count,
  })
  .meta({ id: 'EngineOfWorker' });

export const shownWorker = z
  .object({
    name: z.string(),
    id: z.uuid().meta({ description: 'Of this start of it.' }),
    role: z.enum(roles).meta({
      description: 'server takes requests and keeps the time, worker has engines, all does both.',
    }),
    state: z.enum(['ok', 'paused', 'draining', 'stopping', 'lost']).meta({
      description: 'What was asked of it, where it lives; lost where nothing was heard of it for 6 s.',
    }),
    wish: z.enum(wishes).meta({
      description: 'What was asked for: paused and draining finish what they have and take nothing more.',
    }),
    host: z.string(),
    pid: z.int(),
    version: z.string().meta({ description: 'Of the program.' }),
    labels: z.record(z.string(), z.string()).meta({ description: 'Added to those of all its engines.' }),
    started_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
    slots: count.meta({ description: 'Builds at once, on all its engines.' }),
    busy: count.meta({ description: 'Slots that are taken.' }),
    running: count.meta({ description: 'Attempts that it works on, calls of endpoints among them.' }),
    idle: z.boolean().meta({
      description: 'It works on nothing; and where it is to begin nothing more, it knows of that.',
    }),
    engines: z.array(engine),
  })
  .meta({ id: 'Worker' });
export type ShownWorker = z.output<typeof shownWorker>;
