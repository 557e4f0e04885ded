import { z } from 'zod';
import { ourHeaders } from '../../../room/http/request.ts';
import { container } from './container.ts';
import { image } from './image.ts';
import {
  count,
  cronText,
  httpUrl,
  metadata,
  nameText,
  overlapPolicy,
  payloadSchema,
  rateLimitKeys,
  retryDelays,
  retryStrategy,
  secret,
  shortText,
  supersedePolicy,
  tags,
  timezone,
  versionPolicy,
} from './jobFields.ts';

const headers = z
  .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/), z.string().max(4096))
  .refine((given) => Object.keys(given).length <= 50, 'too many endpoint_headers (max 50)')
  .refine(
    (given) => Object.keys(given).every((name) => !ourHeaders.has(name.toLowerCase())),
    'endpoint_headers must not set headers of the connection, of the run or of the signature',
  )
  .refine(
    (given) => Object.values(given).every((value) => /^[\t\x20-\x7e]*$/.test(value)),
    'values of endpoint_headers are plain ASCII on one line',
  );

/** What a version of a job pins, as far as it is asked for; 0 and an empty text are the same as absent. */
const settings = {
  name: nameText('name', 255).meta({ description: 'For people.' }),
  slug: nameText('slug', 128).meta({ description: 'Names the job within its project.' }),
  description: shortText('description', 8000).max(2000, 'description too long'),
  group_id: shortText('group_id', 255),
  environment_id: shortText('environment_id', 255).meta({ description: 'Kept and returned.' }),
  tags: tags.meta({ description: 'Copied to each run.' }),
  image,
  container,
  endpoint_url: httpUrl('endpoint_url').meta({
    description: 'Makes the job call this address: the payload is posted to it.',
  }),
  fallback_endpoint_url: httpUrl('fallback_endpoint_url').meta({
    description:
      'Asked once in the same attempt where the first cannot be reached, is too slow or answers 429.',
  }),
  endpoint_headers: headers.meta({ description: 'Sent with each call. Not for secrets: they are shown.' }),
  endpoint_signing_secret: secret.meta({ description: 'Signs each call in X-Strait-Signature.' }),
  payload_schema: payloadSchema.meta({
    description:
      'What a payload must fit, in a subset of JSON Schema: type, required, properties, items, enum, additionalProperties, and bounds of lengths and numbers. Other words are ignored.',
  }),
  default_run_metadata: metadata.meta({
    description: 'Metadata of each run; a trigger may set its own over it.',
  }),
  cron: cronText('cron').meta({ description: 'Five fields; a run is made at each tick.' }),
  timezone: timezone.meta({ description: 'IANA name for cron and execution_window_cron; UTC where absent.' }),
  cron_overlap_policy: overlapPolicy.meta({ description: 'What a tick does while a run has not ended.' }),
  execution_window_cron: cronText('execution_window_cron').meta({
    description: 'Runs start only in minutes that it matches.',
  }),
  max_attempts: count(100).meta({
    description:
      'Tries of a run; 3 where absent. A command that failed is tried again only where it is given.',
  }),
  timeout_secs: count(86_400).meta({ description: 'Limit of each try.' }),
  retry_strategy: retryStrategy.meta({ description: 'How the pause between tries grows.' }),
  retry_delays_secs: retryDelays.meta({ description: 'The pauses of custom; else the first is the base.' }),
  run_ttl_secs: count().meta({ description: 'A run that has not started by then is expired.' }),
  max_concurrency: count().meta({ description: 'Runs of the job at once.' }),
  max_concurrency_per_key: count().meta({ description: 'Runs at once with the same concurrency_key.' }),
  rate_limit_max: count().meta({ description: 'Triggers in any window; more are refused.' }),
  rate_limit_window_secs: count(),
  rate_limit_keys: rateLimitKeys.meta({
    description: 'Budgets of starts that jobs share; runs wait for them.',
  }),
  dedup_window_secs: count().meta({
    description: 'The same payload within the window is answered with the run that is there.',
  }),
  debounce_window_secs: count().meta({
    description: 'Triggers with the same debounce_key put the run off by so long; the last payload counts.',
  }),
  supersede_policy: supersedePolicy.meta({
    description: 'What a new run does to older ones of its concurrency_key, or of its ref for images.',
  }),
  queue: shortText('queue', 128).meta({ description: 'The named line that runs wait in.' }),
  version_policy: versionPolicy.meta({
    description:
      'Which version a run does: that of its trigger, the newest, or the newest if backwards_compatible.',
  }),
  backwards_compatible: z.boolean(),
  webhook_url: httpUrl('webhook_url').meta({ description: 'Is told when a run has ended.' }),
  webhook_secret: secret.meta({ description: 'Signs what webhook_url is told.' }),
  enabled: z.boolean().meta({ description: 'A disabled job cannot be triggered; true where absent.' }),
};

export const createJobBody = z
  .object({
    ...settings,
    project_id: nameText('project_id', 255).meta({
      description: 'Of an image job: the account where absent.',
    }),
  })
  .partial()
  .meta({
    id: 'CreateJobRequest',
    description: 'A new job: name, slug, and exactly one of image, container and endpoint_url.',
  });
export type CreateJobBody = z.output<typeof createJobBody>;

export const changeJobBody = z.object(settings).partial().meta({
  id: 'UpdateJobRequest',
  description: 'Fields that are absent stay; lists and maps are replaced whole.',
});
export type ChangeJobBody = z.output<typeof changeJobBody>;

export const cloneJobBody = z
  .object({
    name: shortText('name', 255).meta({ description: 'That of the original with "(copy)" where absent.' }),
    slug: shortText('slug', 128).meta({ description: 'That of the original with "-copy" where absent.' }),
  })
  .partial()
  .meta({ id: 'CloneJobRequest' });

export const jobIdsBody = z
  .object({ job_ids: z.array(z.string()), ids: z.array(z.string()) })
  .partial()
  .meta({ id: 'JobIdsRequest', description: 'Up to 50 ids, under either name.' });

export const batchBody = z.union([z.array(createJobBody), z.object({ jobs: z.array(createJobBody) })]).meta({
  id: 'BatchCreateJobsRequest',
  description: 'Up to 50 jobs; those that fit are made, the others are listed.',
});

export const dependencyBody = z
  .object({
    depends_on_job_id: nameText('depends_on_job_id', 255).meta({
      description: 'Id or slug of a job of the same project.',
    }),
    condition: z.string().optional().meta({
      description: 'How its newest run must have ended: completed (where absent), failed or any.',
    }),
  })
  .meta({ id: 'CreateJobDependencyRequest' });
