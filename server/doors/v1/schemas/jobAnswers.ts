import { z } from 'zod';
import { dependencyConditions, jobKinds } from '../../../words/job.ts';
import { createJobBody } from './jobRequests.ts';

const time = z.iso.datetime({ offset: true });
const whole = z.int().min(0);
const versionId = z.string().regex(/^ver_[0-9a-z]{12}$/);

const { enabled: _enabled, project_id: _project, name: _name, slug: _slug, ...pinned } = createJobBody.shape;

/** What a job and each of its versions show. */
const definition = {
  ...pinned,
  name: z.string(),
  slug: z.string(),
  endpoint_url: z.string().meta({ description: 'Empty where the job builds an image or runs a container.' }),
  max_attempts: z.int().min(1),
  timeout_secs: z.int().min(1),
};

export const job = z
  .object({
    ...definition,
    id: z.uuid(),
    project_id: z.string(),
    kind: z.enum(jobKinds),
    queue: z.string(),
    enabled: z.boolean(),
    paused: z.boolean().meta({ description: 'Nothing of a paused job starts; it can be triggered.' }),
    version: z.int().min(1).meta({ description: 'Counts up with each PATCH.' }),
    version_id: versionId.meta({ description: 'The ETag of the job.' }),
    version_policy: z.enum(['pin', 'latest', 'minor']),
    created_by: z.string().optional(),
    updated_by: z.string().optional(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Job' });

export const jobVersion = z
  .object({
    ...definition,
    id: z.uuid(),
    job_id: z.uuid(),
    version: z.int().min(1),
    version_id: versionId,
    created_at: time,
  })
  .meta({ id: 'JobVersion', description: 'A job as it was, or is, in one version.' });

export const jobList = z.array(job).meta({ id: 'JobList' });

export const dependency = z
  .object({
    id: z.uuid(),
    job_id: z.uuid(),
    depends_on_job_id: z.uuid(),
    condition: z.enum(dependencyConditions),
    created_at: time,
  })
  .meta({ id: 'JobDependency', description: 'Runs of job_id wait for the newest run of depends_on_job_id.' });
export const dependencyList = z.array(dependency).meta({ id: 'JobDependencyList' });

export const jobHealth = z
  .object({
    job_id: z.uuid(),
    window: z.enum(['1h', '1d', '7d', '30d']),
    since: time,
    total_runs: whole.meta({ description: 'Ended runs that were created in the window.' }),
    completed_runs: whole,
    failed_runs: whole.meta({ description: 'failed and dead_letter.' }),
    timed_out_runs: whole,
    crashed_runs: whole.meta({ description: 'crashed and system_failed.' }),
    canceled_runs: whole,
    expired_runs: whole,
    success_rate: z.number().meta({ description: 'Percent of all.' }),
    avg_duration_secs: z.number(),
    p95_duration_secs: z.number(),
    p99_duration_secs: z.number(),
    health_score: z.number().meta({ description: 'From 0 to 100; -1 without any run.' }),
  })
  .meta({ id: 'JobHealth' });

export const batchErrors = z.array(
  z.object({ index: whole, message: z.string(), details: z.array(z.string()).optional() }),
);

export const batchAnswer = z.union([jobList, z.object({ created: jobList, errors: batchErrors })]).meta({
  id: 'BatchCreateJobsResponse',
  description: 'An array for an array that was made whole, else both lists.',
});

export const updatedAnswer = z
  .object({ updated: whole.meta({ description: 'How many of the ids there are.' }) })
  .meta({ id: 'UpdatedResponse' });
