import { z } from 'zod';
import { executionStatuses, jobStatuses } from '../present/statuses.ts';

const time = z.iso.datetime();
const maybe = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()]);
const key = z.int().min(1);
const anyObject = z.record(z.string(), z.unknown());
const amount = maybe(z.number().min(0));

const timeText = 'A time with Z or +hh:mm, such as 2015-01-01T00:00:00Z, or so long ago, such as PT3H0M0S.';

/** What every list of this interface takes. */
export const pageQuery = z
  .object({
    page: z.string().meta({ description: 'From 1; `last` is the last one.' }),
    page_size: z.string().meta({ description: '100 where it says nothing, 1000 at most.' }),
    order: z.string().meta({ description: 'A field, a dash in front turns it around. May be repeated.' }),
  })
  .partial();

export const rangeQuery = z
  .object({
    started: z.string().meta({ description: `Changed then or later. ${timeText}` }),
    ended: z.string().meta({ description: 'Changed then or before.' }),
  })
  .partial();

export const executionsQuery = z.object({
  ...pageQuery.shape,
  ...rangeQuery.shape,
  ...z
    .object({
      status: z.enum(executionStatuses).meta({ description: 'May be repeated, as the next four may.' }),
      job_type_id: z.int(),
      job_type_name: z.string(),
      job_type_category: z.enum(['build', 'container', 'http']),
      node_id: z.int(),
    })
    .partial().shape,
});

export const logQuery = z
  .object({
    started: z.string().meta({ description: `Written then or later. ${timeText}` }),
    format: z.enum(['json', 'txt', 'html']).meta({ description: 'In place of Accept.' }),
  })
  .partial();

/** What executions and jobs are made of, with all that may be there besides. */
const jobType = z.looseObject({
  id: key,
  name: z.string(),
  version: z.string(),
  title: z.string(),
  category: z.string(),
});
const job = z.looseObject({
  id: key,
  job_type: jobType,
  status: z.enum(jobStatuses),
  priority: z.int(),
  num_exes: z.int(),
});
const node = z.looseObject({ id: key, hostname: z.string(), port: z.int(), slave_id: z.string() });
const error = z.looseObject({ id: key, name: z.string(), category: z.string() });

const task = (name: string) => ({
  [`${name}_started`]: maybe(time),
  [`${name}_completed`]: maybe(time),
  [`${name}_exit_code`]: maybe(z.int()),
});

export const execution = z
  .object({
    id: key,
    status: z.enum(executionStatuses),
    command_arguments: z.string().meta({ description: 'What somebody would type to do the same by hand.' }),
    timeout: z.int().meta({ description: 'Seconds.' }),
    ...task('pre'),
    ...task('job'),
    ...task('post'),
    created: time,
    queued: time,
    started: maybe(time),
    ended: maybe(time),
    last_modified: time,
    job,
    node: maybe(node),
    error: maybe(error).meta({ description: 'There where it is FAILED, and only there.' }),
  })
  .meta({ id: 'ScaleExecution', description: 'An attempt.' });

export const executionDetail = execution
  .extend({
    environment: anyObject,
    cpus_scheduled: amount,
    mem_scheduled: amount.meta({ description: 'MiB; 0 is without a limit.' }),
    disk_in_scheduled: amount,
    disk_out_scheduled: amount,
    disk_total_scheduled: amount,
    results: anyObject,
    current_stdout_url: maybe(z.string()),
    current_stderr_url: maybe(z.string()),
    results_manifest: anyObject,
  })
  .meta({ id: 'ScaleExecutionDetail', description: 'An attempt with all that is known of it.' });

export const executionLogs = execution
  .extend({ is_finished: z.boolean(), stdout: z.string(), stderr: z.string() })
  .meta({ id: 'ScaleExecutionLogs', description: 'An attempt with all that it wrote so far.' });

/** A page of a list. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.object({
    count: z.int().min(0),
    next: maybe(z.string()),
    previous: maybe(z.string()),
    results: z.array(item),
  });
}

export const logHits = z
  .object({
    hits: z.object({
      total: z.int().meta({ description: 'How many there are in this answer.' }),
      max_score: z.null(),
      hits: z.array(
        z.object({
          _source: z.object({
            '@timestamp': time,
            scale_order_num: key.meta({ description: "The line's number in the log of its run." }),
            message: z.string(),
            scale_job_exe: z.string(),
            stream: z.enum(['stdout', 'stderr']),
          }),
        }),
      ),
    }),
  })
  .meta({ id: 'ScaleLogHits', description: 'Lines, as Elasticsearch gives them; about 10000 at most.' });
