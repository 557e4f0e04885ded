import { z } from 'zod';
import { listOf } from '../../http/lists.ts';
import { digestShape } from '../../words/image.ts';

const time = z.iso.datetime();
const count = z.int().min(0);
const digest = z.string().regex(digestShape);

const always = {
  id: z.int().min(1).meta({ description: 'Its number.' }),
  image_id: z.string().meta({ description: "The engine's id of it: sha256:…" }),
  name: z.string().meta({ description: 'As the Bobfile calls it, else the repository.' }),
  project: z.string(),
  job: z.string().meta({ description: "The job's slug." }),
  job_id: z.uuid(),
  run: z.uuid(),
  engine: z.string(),
  tags: z.array(z.string()).meta({ description: 'Full names.' }),
  pushed: z
    .array(z.object({ repository: z.string(), tags: z.array(z.string()), digest: z.string() }))
    .meta({ description: 'What registries have of it.' }),
  bytes: count,
  platform: z.string(),
  cached_steps: count,
  steps_count: count,
  built_at: time,
};

const sometimes = {
  base: z
    .object({ name: z.string(), id: z.string().optional(), digest: z.string().optional() })
    .meta({ description: 'What its last stage is made FROM.' }),
  builder: z.enum(['classic', 'buildkit']),
  duration_ms: count,
  difference: z.object({ bytes: z.int(), duration_ms: z.int().optional(), to: z.int().min(1) }).meta({
    description: 'More, or less, than the image before it of the same name, platform and job: `to`.',
  }),
};

const summary = z.object({ ...always, ...z.object(sometimes).partial().shape });

export const imageSummary = summary.meta({ id: 'ImageSummary', description: 'An image in a list.' });
export const imageList = listOf(imageSummary).meta({
  id: 'ImageList',
  description: 'A page where limit or cursor was given, else an array.',
});

export const image = summary
  .extend({
    platforms: z
      .array(z.object({ platform: z.string(), digest, bytes: count }))
      .optional()
      .meta({ description: 'Of an image for several: what the list in the registry names.' }),
    labels: z.record(z.string(), z.string()),
    layers_count: count,
    layers: z
      .array(z.object({ instruction: z.string(), bytes: count }))
      .meta({ description: 'The first 200, instructions of at most 2000 characters.' }),
    steps: z
      .array(
        z.object({
          number: z.int().min(1),
          total: z.int().min(1),
          instruction: z.string(),
          cached: z.boolean(),
          started_at: time,
          duration_ms: count.optional(),
        }),
      )
      .meta({ description: 'The first 200.' }),
  })
  .meta({ id: 'Image', description: 'What a completed build made.' });

const anyObject = z.record(z.string(), z.unknown());
const resource = z.object({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
});

export const provenance = z
  .object({
    _type: z.literal('https://in-toto.io/Statement/v1'),
    subject: z.array(resource),
    predicateType: z.literal('https://slsa.dev/provenance/v1'),
    predicate: z.object({
      buildDefinition: z.object({
        buildType: z.string(),
        externalParameters: anyObject,
        internalParameters: anyObject,
        resolvedDependencies: z.array(resource),
      }),
      runDetails: z.object({
        builder: z.object({ id: z.string() }),
        metadata: z.object({ invocationId: z.uuid(), startedOn: time, finishedOn: time }),
      }),
    }),
  })
  .meta({
    id: 'Provenance',
    description: 'A statement of in-toto v1 with a predicate of SLSA provenance v1.',
  });

export const imagesQuery = z
  .object({
    project: z.string().meta({ description: "The key's own where absent; account means the same." }),
    account: z.string(),
    job: z.string().meta({ description: 'Id or slug; repo means the same.' }),
    repo: z.string(),
    run: z.uuid(),
    tag: z.string().meta({ description: 'A full name, such as quay.io/acme/app:1.2.' }),
    digest: digest.meta({ description: 'In a registry, or the id of the image.' }),
  })
  .partial();
