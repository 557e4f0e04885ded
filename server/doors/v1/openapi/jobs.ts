import { z } from 'zod';
import type { OperationGroup } from '../../../http/operation.ts';
import {
  batchAnswer,
  batchErrors,
  dependency,
  dependencyList,
  job,
  jobHealth,
  jobVersion,
  updatedAnswer,
} from '../schemas/jobAnswers.ts';
import {
  batchBody,
  changeJobBody,
  cloneJobBody,
  createJobBody,
  dependencyBody,
  jobIdsBody,
} from '../schemas/jobRequests.ts';
import { problem } from '../schemas/problem.ts';
import { linkHeader, listOf, paging } from '../../../http/lists.ts';
import { project } from './lists.ts';

const etag = { ETag: 'The version_id of the job.' };
const made = { ...etag, Location: 'The job.' };
const ifMatch = z.object({
  'If-Match': z
    .string()
    .optional()
    .meta({ description: 'An ETag: where the job is no longer in that version, the answer is 412.' }),
});
const jobsQuery = project.extend(paging.shape).extend(
  z
    .object({
      slug: z.string(),
      tag_key: z.string().meta({ description: 'Jobs with this tag.' }),
      tag_value: z.string().meta({ description: 'Jobs whose tag tag_key has this value.' }),
    })
    .partial().shape,
);
const noneMade = problem.extend({ created: z.array(job), errors: batchErrors }).meta({ id: 'BatchProblem' });

/** Definitions of work. */
export const jobOperations: OperationGroup = {
  tag: 'Jobs',
  description:
    'Versioned definitions of work: images to build, commands to run in containers, endpoints to call.',
  operations: {
    'get /v1/jobs': {
      id: 'listJobs',
      summary: 'List jobs',
      query: jobsQuery,
      answers: { 200: { description: 'Newest first.', schema: listOf(job), headers: linkHeader } },
    },
    'post /v1/jobs': {
      id: 'createJob',
      summary: 'Create a job',
      body: { schema: createJobBody },
      answers: { 201: { description: 'The job.', schema: job, headers: made } },
    },
    'post /v1/jobs/batch': {
      id: 'batchCreateJobs',
      summary: 'Batch create jobs',
      body: { schema: batchBody },
      answers: {
        201: { description: 'What was made.', schema: batchAnswer },
        400: { description: 'Not one could be made.', schema: z.union([noneMade, problem]) },
      },
    },
    'post /v1/jobs/batch-enable': {
      id: 'batchEnableJobs',
      summary: 'Batch enable jobs',
      body: { schema: jobIdsBody },
      answers: { 200: { description: 'Makes no version.', schema: updatedAnswer } },
    },
    'post /v1/jobs/batch-disable': {
      id: 'batchDisableJobs',
      summary: 'Batch disable jobs',
      body: { schema: jobIdsBody },
      answers: { 200: { description: 'Makes no version.', schema: updatedAnswer } },
    },
    'get /v1/jobs/:job': {
      id: 'getJob',
      summary: 'Get a job',
      query: project,
      answers: { 200: { description: 'The job.', schema: job, headers: etag } },
    },
    'patch /v1/jobs/:job': {
      id: 'updateJob',
      summary: 'Update a job',
      description: 'Every change makes a version.',
      query: project,
      headers: ifMatch,
      body: { schema: changeJobBody },
      answers: { 200: { description: 'The job.', schema: job, headers: etag } },
    },
    'delete /v1/jobs/:job': {
      id: 'deleteJob',
      summary: 'Delete a job',
      description: 'With its versions, dependencies and ended runs; 409 where a run has not ended.',
      query: project,
      headers: ifMatch,
      answers: { 204: { description: 'It is gone.' } },
    },
    'post /v1/jobs/:job/pause': {
      id: 'pauseJob',
      summary: 'Pause a job',
      description: 'Nothing of it starts; it can be triggered.',
      query: project,
      answers: { 200: { description: 'The job.', schema: job, headers: etag } },
    },
    'post /v1/jobs/:job/resume': {
      id: 'resumeJob',
      summary: 'Resume a job',
      query: project,
      answers: { 200: { description: 'The job.', schema: job, headers: etag } },
    },
    'post /v1/jobs/:job/clone': {
      id: 'cloneJob',
      summary: 'Clone a job',
      query: project,
      body: { schema: cloneJobBody, optional: true },
      answers: { 201: { description: 'The copy, enabled, in version 1.', schema: job, headers: made } },
    },
    'get /v1/jobs/:job/health': {
      id: 'getJobHealth',
      summary: 'Get job health score',
      query: project.extend({
        window: z.enum(['1h', '1d', '7d', '30d']).optional().meta({ description: '7d where absent.' }),
      }),
      answers: { 200: { description: 'How its runs went.', schema: jobHealth } },
    },
    'get /v1/jobs/:job/versions': {
      id: 'listJobVersions',
      summary: 'List job versions',
      query: project.extend(paging.shape),
      answers: {
        200: {
          description: 'The superseded ones, newest first.',
          schema: listOf(jobVersion),
          headers: linkHeader,
        },
      },
    },
    'get /v1/jobs/:job/versions/:version': {
      id: 'getJobVersion',
      summary: 'Get job version by version ID',
      query: project,
      answers: { 200: { description: 'Also the current one.', schema: jobVersion } },
    },
    'get /v1/jobs/:job/dependencies': {
      id: 'listJobDependencies',
      summary: 'List job dependencies',
      query: project,
      answers: { 200: { description: 'Newest first.', schema: dependencyList } },
    },
    'post /v1/jobs/:job/dependencies': {
      id: 'createJobDependency',
      summary: 'Create a job dependency',
      query: project,
      body: { schema: dependencyBody },
      answers: { 201: { description: 'The dependency.', schema: dependency } },
    },
    'delete /v1/jobs/:job/dependencies/:dependency': {
      id: 'deleteJobDependency',
      summary: 'Delete a job dependency',
      query: project,
      answers: { 204: { description: 'It is gone.' } },
    },
  },
};
