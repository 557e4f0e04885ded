import { z } from 'zod';
import { shown } from '../../../builder/model/shown.ts';

const names = 'must be a list of at most 1000 names of engines';

/** Its messages go on after the name of the field. */
export const gcRequest = z
  .strictObject(
    {
      dry_run: z
        .boolean('must be true or false')
        .optional()
        .meta({ description: 'true: nothing is removed, only said.' }),
      engines: z
        .array(z.string(names), names)
        .max(1000, names)
        .optional()
        .meta({ description: 'Only these engines are looked at; all where it is absent.' }),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `may have dry_run and engines only, not ${shown(issue.keys.join(', '))}`
          : 'must be an object, such as {"dry_run": true}',
    },
  )
  .meta({ id: 'GcRequest' });

const bytes = z.int().min(0);
const time = z.iso.datetime();
const why = z.string().meta({ description: 'Why it went or would go, or why it stays.' });

function tallyOf<S extends z.ZodType>(item: S) {
  return z.object({
    total: z.int().min(0),
    bytes,
    items: z.array(item).meta({ description: 'The first 100.' }),
  });
}

function kindOf<S extends z.ZodType>(item: S) {
  return z.object({ removed: tallyOf(item), left: tallyOf(item) });
}

const run = z.object({
  run_id: z.uuid(),
  project: z.string(),
  slug: z.string(),
  completed_at: time.nullable(),
  bytes: bytes.meta({ description: 'Of its log.' }),
  why,
});

const mirror = z.object({
  name: z.string(),
  url: z.string().nullable(),
  used_at: time,
  bytes,
  why,
});

const image = z.object({ id: z.string(), tags: z.array(z.string()), created_at: time, bytes, why });

const engine = z.object({
  name: z.string(),
  problem: z.string().nullable().meta({ description: 'Why nothing, or not all, was done there.' }),
  bytes_before: bytes.meta({ description: 'Layers that only images of this server hold, each once.' }),
  bytes_after: bytes,
  images: kindOf(image),
  layers: kindOf(image).meta({ description: 'Steps of the classic builder.' }),
  cache: z
    .object({ bytes, removed_bytes: bytes, left: z.string().nullable() })
    .nullable()
    .meta({ description: "BuildKit's, of whomever it is." }),
});

export const gcReport = z
  .object({
    dry_run: z.boolean(),
    started_at: time,
    finished_at: time,
    runs: kindOf(run),
    logs: kindOf(run),
    mirrors: kindOf(mirror),
    engines: z.array(engine),
    data: z
      .object({
        database_bytes: bytes,
        log_bytes: bytes,
        mirror_bytes: bytes,
        removed_bytes: bytes,
      })
      .meta({
        description:
          'The data folder before the clean-up, and what went of it. Where processes share a database: their folders, and its logs.',
      }),
    problems: z.array(z.string()).meta({ description: 'What went wrong, one sentence each.' }),
  })
  .meta({ id: 'GcReport' });

export const gcState = z.object({ running: z.boolean(), last: gcReport.nullable() }).meta({ id: 'GcState' });
