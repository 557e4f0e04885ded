import type { OperationGroup } from '../../http/operation.ts';
import { execution, fieldsQuery, jobRetry, newExecution, retryWish, revision } from './schemas.ts';

const types = ['application/json', 'application/x-www-form-urlencoded'];
const etag = { ETag: 'Of the body.' };

/** As Barbeque has it. */
export const executionOperations: OperationGroup = {
  tag: 'Job executions',
  description: "Barbeque's interface to runs. Refusals have the shape that its clients know.",
  operations: {
    'get /v1/job_executions/:message_id': {
      id: 'getJobExecution',
      summary: 'Show an execution',
      query: fieldsQuery,
      answers: {
        200: { description: 'The execution.', schema: execution, headers: etag },
        204: { description: 'To HEAD.' },
        304: { description: 'It is as If-None-Match says.' },
      },
    },
    'post /v2/job_executions': {
      id: 'createJobExecution',
      summary: 'Enqueue an execution',
      query: fieldsQuery,
      body: { schema: newExecution, types },
      answers: { 201: { description: 'The execution.', schema: execution, headers: etag } },
    },
    'post /v1/job_executions/:message_id/retries': {
      id: 'retryJobExecution',
      summary: 'Retry an execution',
      description: 'Also while it still runs.',
      query: fieldsQuery,
      body: { schema: retryWish, types, optional: true },
      answers: { 201: { description: 'An execution of its own.', schema: jobRetry, headers: etag } },
    },
    'post /v1/apps/:app_name/revision_lock': {
      id: 'lockRevision',
      summary: 'Run all container jobs of a project by one tag of their images',
      query: fieldsQuery,
      body: { schema: revision, types },
      answers: { 201: { description: 'The tag.', schema: revision.partial(), headers: etag } },
    },
    'delete /v1/apps/:app_name/revision_lock': {
      id: 'unlockRevision',
      summary: 'Run them by their own tags again',
      answers: { 204: { description: 'They do.' } },
    },
    'get /job_executions/:message_id': {
      id: 'showJobExecution',
      summary: 'The page of an execution',
      answers: { 302: { description: 'It is there.', headers: { Location: 'The page.' } } },
    },
  },
};
