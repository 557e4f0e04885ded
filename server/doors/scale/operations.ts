import type { z } from 'zod';
import type { Operation, OperationBody, OperationGroup } from '../../http/operation.ts';
import { listOf } from './executions/schemas.ts';
import {
  executionsV6Query,
  jobsQuery,
  jobTypesQuery,
  nodesQuery,
  pagesQuery,
  rangedQuery,
} from './queries.ts';
import * as shown from './schemas.ts';

/** A request with one answer in JSON. */
function one(
  id: string,
  summary: string,
  schema: z.ZodType,
  more: { description?: string; query?: z.ZodObject; body?: OperationBody; status?: number } = {},
): Operation {
  const { status = 200, ...rest } = more;
  return { id, summary, ...rest, answers: { [status]: { description: summary, schema } } };
}

function page(
  id: string,
  summary: string,
  item: z.ZodType,
  query: z.ZodObject = pagesQuery,
  description?: string,
): Operation {
  return one(id, summary, listOf(item), { query, ...(description !== undefined && { description }) });
}

const nodeChange = { body: { schema: shown.nodeChange }, status: 201 };
const stops =
  'A running job has a moment to stop; one that takes longer is answered as it is. 409 where it has ended.';
const requeues =
  'Failed and canceled jobs become new ones, at most 100 of the newest. One that a filter found is done again once.';

/** Runs, and what waits. */
const jobOperations: OperationGroup = {
  tag: 'Scale: jobs',
  description: 'As NGA Scale: jobs are runs.',
  operations: {
    'get /v3/jobs/': page('listScaleJobs', 'List jobs', shown.job, jobsQuery),
    'get /v3/jobs/updates/': page(
      'listScaleJobUpdates',
      'List jobs by their changes',
      shown.jobUpdate,
      jobsQuery,
    ),
    'get /v3/jobs/executions/': page(
      'listScaleJobsWithExecution',
      'List jobs, each with its newest execution',
      shown.jobWithExecution,
      jobsQuery,
    ),
    'get /v3/jobs/:runKey/': one('getScaleJob', 'Show a job', shown.jobDetail),
    'patch /v3/jobs/:runKey/': one('cancelScaleJob', 'Cancel a job', shown.jobDetail, {
      description: stops,
      body: { schema: shown.cancelChange },
    }),
    'post /v3/queue/new-job/': {
      id: 'createScaleJob',
      summary: 'Make a job',
      body: { schema: shown.newJob },
      answers: {
        201: {
          description: 'It is queued, durably.',
          schema: shown.jobDetail,
          headers: { Location: 'Its execution; the job where it has none yet.' },
        },
      },
    },
    'post /v3/queue/requeue-jobs/': one('requeueScaleJobs', 'Do jobs again', listOf(shown.job), {
      description: requeues,
      body: { schema: shown.jobsWish },
    }),
    'post /v3/queue/requeue-job/': one('requeueScaleJob', 'Do a job again', shown.jobDetail, {
      body: { schema: shown.oneJobWish },
    }),
    'get /v3/queue/status/': one('getScaleQueueStatus', 'What waits, by job type', shown.queueStatus),
    'get /v6/jobs/': page('listScaleJobsV6', 'List jobs', shown.jobV6, jobsQuery),
    'get /v6/jobs/:runKey/': one('getScaleJobV6', 'Show a job', shown.jobV6),
    'get /v6/jobs/:runKey/executions/': page(
      'listScaleExecutionsOfJob',
      'List the executions of a job, the newest first',
      shown.executionV6,
      executionsV6Query,
    ),
    'get /v6/jobs/:runKey/executions/:number/': one(
      'getScaleExecutionOfJob',
      'Show an execution of a job',
      shown.executionV6,
    ),
    'get /v6/jobs/:runKey/input_files/': page('listScaleInputFiles', 'Nothing: values only', shown.product),
    'get /v6/jobs/:runKey/output_files/': page('listScaleOutputFiles', 'The images of a job', shown.product),
    'post /v6/jobs/cancel/': {
      id: 'cancelScaleJobs',
      summary: 'Cancel jobs',
      description: 'At most 1000 of the newest that fit; at least one filter.',
      body: { schema: shown.jobsWish },
      answers: { 202: { description: 'They stop by and by.' } },
    },
    'post /v6/jobs/requeue/': {
      id: 'requeueScaleJobsV6',
      summary: 'Do jobs again',
      description: requeues,
      body: { schema: shown.jobsWish },
      answers: { 202: { description: 'The new jobs are queued.' } },
    },
  },
};

/** Jobs, engines and the server. */
const systemOperations: OperationGroup = {
  tag: 'Scale: system',
  description:
    'As NGA Scale: job types are jobs, nodes are engines. Nodes and the server are for keys of all projects.',
  operations: {
    'get /v3/job-types/': page('listScaleJobTypes', 'List job types', shown.jobType, jobTypesQuery),
    'get /v3/job-types/status/': page(
      'listScaleJobTypeStatus',
      'How the jobs of each type went',
      shown.jobTypeStatus,
      rangedQuery,
    ),
    'get /v3/job-types/running/': page('listScaleRunning', 'What runs, by job type', shown.jobTypeRunning),
    'get /v3/job-types/system-failures/': page(
      'listScaleSystemFailures',
      'The newest jobs that failed through the system, by type and error',
      shown.jobTypeFailures,
    ),
    'get /v3/job-types/:jobType/': one('getScaleJobType', 'Show a job type', shown.jobTypeDetail),
    'patch /v3/job-types/:jobType/': one('changeScaleJobType', 'Pause a job type', shown.jobTypeDetail, {
      body: { schema: shown.pauseChange },
    }),
    'get /v3/errors/': page('listScaleErrors', 'List errors', shown.scaleError),
    'get /v3/errors/:error/': one('getScaleError', 'Show an error', shown.scaleError),
    'get /v3/nodes/': page('listScaleNodes', 'List nodes', shown.node, nodesQuery),
    'get /v3/nodes/status/': page(
      'listScaleNodeStatus',
      'How each node did',
      shown.nodeStatus,
      rangedQuery,
      'Since three hours ago, where nothing else is asked for.',
    ),
    'get /v3/nodes/:node/': one('getScaleNode', 'Show a node', shown.nodeDetail),
    'patch /v3/nodes/:node/': one('changeScaleNode', 'Pause a node', shown.changedNode, nodeChange),
    'put /v3/nodes/:node/': one(
      'replaceScaleNode',
      'Pause a node, all fields given',
      shown.changedNode,
      nodeChange,
    ),
    'get /v3/status/': one('getScaleStatus', 'How the server is', shown.systemStatus),
    'get /v3/scheduler/': one('getScaleScheduler', 'Whether runs begin', shown.pauseChange),
    'patch /v3/scheduler/': one('changeScaleScheduler', 'Pause the server', shown.pauseChange, {
      body: { schema: shown.pauseChange },
      status: 201,
    }),
    'get /v3/version/': one('getScaleVersion', 'The version that is spoken', shown.version),
  },
};

/** All of the interface of NGA Scale but its executions. */
export const scaleOperations: readonly OperationGroup[] = [jobOperations, systemOperations];
