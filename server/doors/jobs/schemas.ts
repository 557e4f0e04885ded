import { z } from 'zod';
import { phases } from '../../../builder/model/spec.ts';
import { jobKinds } from '../../words/job.ts';
import { attemptStates } from '../../words/run.ts';
import { reasonKinds } from '../../words/reasons.ts';
import { statuses } from './statuses.ts';

const time = z.iso.datetime().meta({ description: '0001-01-01T00:00:00Z where it has not happened.' });
const count = z.int().min(0);
const reason = z.enum(Object.keys(reasonKinds) as [string, ...string[]]);

const step = z.object({
  image: z.string().optional().meta({ description: 'Where the build makes several.' }),
  number: z.int().min(1),
  total: z.int().min(1),
  instruction: z.string(),
  cached: z.boolean(),
  startedAt: z.int(),
  durationMs: count.optional().meta({ description: 'Absent while the step runs.' }),
});

const imageName = z.object({
  id: z.string().meta({ description: 'sha256:…' }),
  tags: z.array(z.string()),
  bytes: count,
  platform: z.string(),
});
const image = imageName.extend({
  key: z.int().min(1).optional().meta({ description: 'Its id in /images.' }),
  name: z.string().optional(),
  pushed: z
    .array(z.object({ repository: z.string(), tags: z.array(z.string()), digest: z.string() }))
    .optional()
    .meta({ description: 'What registries have of it.' }),
  platforms: z
    .array(z.object({ platform: z.string(), digest: z.string(), bytes: count }))
    .optional()
    .meta({ description: 'Of an image for several: what the list in the registry names.' }),
  base: z
    .object({ name: z.string(), id: z.string().optional(), digest: z.string().optional() })
    .optional()
    .meta({ description: 'What its last stage is made FROM.' }),
  builder: z.enum(['classic', 'buildkit']).optional(),
  durationMs: count.optional(),
  difference: z
    .object({ bytes: z.int(), durationMs: z.int().optional(), to: z.int().min(1) })
    .optional()
    .meta({ description: 'Since the last image of the same name, platform and job, whose key is `to`.' }),
  layers: z.array(z.object({ instruction: z.string(), bytes: count })),
  steps: z.array(step),
  labels: z.record(z.string(), z.string()),
});

const head = {
  account: z.string(),
  repo: z.string(),
  ref: z.string(),
  bobfile: z.string().optional(),
  id: z.uuid(),
  status: z.enum(statuses),
  created: time,
  completed: time,
  archived: time,
  commit: z.string().optional().meta({ description: 'What the ref was when it was fetched.' }),
  reason: reason.optional().meta({ description: 'Why it did not complete.' }),
  error: z.string().optional().meta({ description: 'The same as a sentence.' }),
  log_route: z.string().optional().meta({ description: 'Absent once the log is archived.' }),
  parent: z.uuid().optional().meta({
    description: 'The job that this one builds the image of one platform for. No list has such a job.',
  }),
  platform: z.string().optional().meta({ description: 'For which platform.' }),
  info_route: z.string(),
  kind: z.enum(jobKinds).exclude(['image']).optional().meta({
    description: 'Where it builds no image; account and repo are project and slug of its job then.',
  }),
};

/** A run as the docker-builder interface shows it. */
export const build = z
  .object({ ...head, image: image.optional(), images: z.array(image).optional() })
  .meta({ id: 'Build', description: 'A request to build a repository.' });

export const buildList = z
  .record(
    z.uuid(),
    z
      .object({ ...head, image: imageName.optional(), images: z.array(imageName).optional() })
      .meta({ id: 'BuildSummary', description: 'Of an image only what names it.' }),
  )
  .meta({ id: 'BuildList', description: 'By id, newest first.' });

export const buildRequest = z
  .object({
    account: z.string(),
    repo: z.string(),
    ref: z.string().meta({ description: 'A branch, tag, full or short commit id, or refs/….' }),
    api_token: z
      .string()
      .max(8192)
      .optional()
      .meta({ description: 'Lets git read the repository; kept sealed until the end.' }),
    depth: z
      .union([count, z.string()])
      .optional()
      .meta({ description: 'Commits to fetch when the repository is seen for the first time.' }),
    sync: z.boolean().optional().meta({ description: 'The answer waits for the end.' }),
    bobfile: z.string().max(4096).optional().meta({ description: 'Kept and returned.' }),
  })
  .meta({ id: 'BuildRequest' });

export const attempts = z
  .array(
    z
      .object({
        number: z.int().min(1),
        state: z.enum(attemptStates),
        engine: z.string().nullable(),
        queued: time,
        started: time,
        finished: time,
        reason: reason.nullable(),
        error: z.string().nullable(),
        exit_code: z.int().nullable(),
        first_line: count.nullable(),
        last_line: count.nullable(),
        phases: z.array(
          z.object({
            phase: z.enum(phases),
            startedAt: z.int(),
            endedAt: z.int().optional(),
            exitCode: z.int().optional(),
          }),
        ),
        steps: z.array(step),
      })
      .meta({ id: 'BuildAttempt', description: 'One try of a build on one engine.' }),
  )
  .meta({ id: 'BuildAttemptList' });

export const lines = z
  .object({
    first: z.int().min(1).meta({ description: 'Behind a gap that `from` falls into.' }),
    last: count,
    blocks: z.array(z.tuple([z.int(), z.enum(['stdout', 'stderr', 'system']), z.string()])).meta({
      description: 'Milliseconds since 1970, stream, and lines that each end with a line break.',
    }),
  })
  .meta({ id: 'LogLines' });
