import { z } from 'zod';
import { execution } from './executions/schemas.ts';
import { errorCategories } from './present/errorCatalogue.ts';
import { eventTypes } from './present/event.ts';
import { jobStatuses } from './present/statuses.ts';

const time = z.iso.datetime();
const maybe = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()]);
const key = z.int().min(1);
const count = z.int().min(0);
const text = maybe(z.string());
const status = z.enum(jobStatuses);

const category = z.enum(errorCategories);
const briefError = z.object({
  id: key,
  name: z.string(),
  title: text,
  description: text,
  category,
  is_builtin: z.boolean(),
});
export const scaleError = briefError
  .extend({ created: time, last_modified: time })
  .meta({ id: 'ScaleError', description: 'Why executions fail. Its number never changes.' });

const briefJobType = z
  .object({
    id: key,
    name: z.string().meta({ description: 'The slug.' }),
    version: z.string(),
    title: z.string().meta({ description: 'Project and slug.' }),
    description: text,
    category: z.string().meta({ description: 'build, container or http.' }),
    author_name: text,
    author_url: z.null(),
    is_system: z.boolean(),
    is_long_running: z.boolean(),
    is_active: z.boolean().meta({ description: 'Whether the job is enabled.' }),
    is_operational: z.boolean(),
    is_paused: z.boolean(),
    icon_code: text,
  })
  .meta({ id: 'ScaleJobTypeBrief', description: 'A job.' });

export const jobType = briefJobType
  .extend({
    uses_docker: z.boolean(),
    docker_privileged: z.boolean(),
    docker_image: text,
    revision_num: key,
    priority: z.int(),
    max_scheduled: maybe(z.int()),
    timeout: z.number().meta({ description: 'Seconds.' }),
    max_tries: z.int(),
    cpus_required: maybe(z.number()),
    mem_required: maybe(z.number()).meta({ description: 'MiB.' }),
    shared_mem_required: z.null(),
    disk_out_const_required: z.null(),
    disk_out_mult_required: z.null(),
    created: time,
    archived: z.null(),
    paused: maybe(time),
    last_modified: time,
  })
  .meta({ id: 'ScaleJobType', description: 'A job in its current version.' });

const statusCount = z
  .object({ status: z.string(), count, most_recent: maybe(time), category: maybe(category) })
  .meta({ id: 'ScaleStatusCount' });

export const jobTypeDetail = jobType
  .extend({
    interface: z.looseObject({ version: z.string() }),
    error_mapping: z.looseObject({ version: z.string() }),
    errors: z.array(scaleError),
    trigger_rule: z.null(),
    job_counts_6h: z.array(statusCount),
    job_counts_12h: z.array(statusCount),
    job_counts_24h: z.array(statusCount),
  })
  .meta({ id: 'ScaleJobTypeDetail', description: 'A job with how its runs went.' });

export const jobTypeStatus = z.object({ job_type: briefJobType, job_counts: z.array(statusCount) });
export const jobTypeRunning = z.object({ job_type: briefJobType, count, longest_running: maybe(time) });
export const jobTypeFailures = z.object({
  job_type: briefJobType,
  error: scaleError,
  count,
  first_error: time,
  last_error: time,
});
export const pauseChange = z.object({ is_paused: z.boolean() }).meta({ id: 'ScalePauseChange' });

export const job = z
  .object({
    id: key.meta({ description: 'The number of the run.' }),
    job_type: briefJobType,
    job_type_rev: z.object({ id: key, job_type: z.object({ id: key }), revision_num: key }),
    event: z.object({ id: key, type: z.enum(eventTypes), rule: z.null(), occurred: time }),
    error: maybe(briefError),
    status,
    priority: z.int().meta({ description: '100 less ten for each step of priority: lower is sooner.' }),
    num_exes: count,
    timeout: z.int().meta({ description: 'Seconds, of each execution.' }),
    max_tries: z.int(),
    cpus_required: z.null(),
    mem_required: z.null(),
    disk_in_required: z.null(),
    disk_out_required: z.null(),
    created: time,
    queued: maybe(time),
    started: maybe(time),
    ended: maybe(time),
    last_status_change: time,
    last_modified: time,
  })
  .meta({ id: 'ScaleJob', description: 'A run.' });

const reference = z.object({ id: key });
const ofJob = execution.omit({ job: true, node: true, error: true }).extend({
  job: reference,
  node: maybe(reference),
  error: maybe(reference),
});
const value = z.object({ name: z.string(), type: z.enum(['property', 'file']), value: z.unknown() });
const data = z.looseObject({});

export const jobDetail = job
  .extend({
    error: maybe(scaleError),
    data,
    results: data,
    recipes: z.array(data),
    job_exes: z.array(ofJob).meta({ description: 'The newest first.' }),
    inputs: z.array(value),
    outputs: z.array(value),
    input_files: z.array(data),
    products: z.array(data),
  })
  .meta({ id: 'ScaleJobDetail', description: 'A run with what it was given and what it gave back.' });

export const jobUpdate = job.extend({ input_files: z.array(data) });
export const jobWithExecution = job.extend({ latest_job_exe: maybe(ofJob) });
export const cancelChange = z.object({ status: z.literal('CANCELED') }).meta({ id: 'ScaleCancelChange' });

export const newJob = z
  .object({
    job_type_id: z.int(),
    job_data: z.object({
      version: z.literal('1.0').optional(),
      input_data: z.array(z.object({ name: z.string(), value: z.unknown() })).optional(),
    }),
  })
  .meta({ id: 'ScaleNewJob', description: 'The input values become the payload, by their names.' });

const several = z.array(z.int());
export const jobsWish = z
  .object({
    job_ids: several,
    status: z.union([z.string(), z.array(z.string())]),
    started: z.string(),
    ended: z.string(),
    job_type_ids: several,
    job_type_names: z.array(z.string()),
    job_type_categories: z.array(z.string()),
    error_categories: z.array(category),
    priority: z.int(),
  })
  .partial()
  .meta({ id: 'ScaleJobsWish', description: 'All that is given must hold.' });
export const oneJobWish = z.object({ job_id: z.int() }).meta({ id: 'ScaleOneJobWish' });

export const queueStatus = z.object({
  queue_status: z.array(
    z.object({
      job_type_name: z.string(),
      job_type_version: z.string(),
      is_job_type_paused: z.boolean(),
      count,
      longest_queued: time,
      highest_priority: z.int(),
    }),
  ),
});

const amounts = z.object({
  cpus: z.number(),
  mem: z.number().meta({ description: 'MiB.' }),
  disk: z.number().meta({ description: 'MiB.' }),
});
const resources = z.object({ total: amounts, scheduled: amounts, used: amounts });

export const node = z
  .object({
    id: key,
    hostname: z.string().meta({ description: "The engine's name in the settings." }),
    port: z.int(),
    slave_id: z.string(),
    pause_reason: text,
    is_paused: z.boolean(),
    is_paused_errors: z.boolean(),
    is_active: z.boolean().meta({ description: 'Whether it is in the settings.' }),
    archived: maybe(time),
    created: time,
    last_offer: maybe(time).meta({ description: 'The last contact that went well.' }),
    last_modified: time,
  })
  .meta({ id: 'ScaleNode', description: 'An engine.' });

const either = { resources: resources.optional(), disconnected: z.literal(true).optional() };
const running = z.array(execution.omit({ node: true }).extend({ node: reference }));
export const changedNode = node.extend(either).meta({ id: 'ScaleChangedNode' });
export const nodeDetail = node
  .extend({ job_exes_running: running, ...either })
  .meta({ id: 'ScaleNodeDetail' });
export const nodeStatus = z.object({
  node,
  is_online: z.boolean(),
  job_exe_counts: z.array(statusCount),
  job_exes_running: running,
});
export const nodeChange = z
  .object({ is_paused: z.boolean(), pause_reason: z.string() })
  .partial()
  .meta({ id: 'ScaleNodeChange' });

export const systemStatus = z.object({
  master: z.object({ is_online: z.boolean(), hostname: z.string(), port: z.int() }),
  scheduler: z.object({ is_online: z.boolean(), is_paused: z.boolean(), hostname: z.string() }),
  queue_depth: count,
  resources,
});
export const version = z.object({ version: z.string() });

export const executionV6 = z
  .looseObject({ id: key, status: z.string(), exe_num: key, created: time, queued: time, timeout: z.int() })
  .meta({ id: 'ScaleExecutionV6' });
export const jobV6 = z
  .looseObject({ ...job.shape, execution: maybe(executionV6) })
  .meta({ id: 'ScaleJobV6' });
export const product = z.looseObject({ id: maybe(key), file_name: z.string(), file_size: count });
