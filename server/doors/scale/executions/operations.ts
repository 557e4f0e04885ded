import type { Operation, OperationGroup } from '../../../http/operation.ts';
import {
  execution,
  executionDetail,
  executionLogs,
  executionsQuery,
  listOf,
  logHits,
  logQuery,
} from './schemas.ts';

function logOperation(id: string): Operation {
  return {
    id,
    summary: 'What an execution wrote, by lines',
    description: 'The stream is stdout, stderr or combined.',
    query: logQuery,
    answers: {
      200: { description: 'In the form that is accepted.', schema: logHits, type: 'text/plain' },
      204: { description: 'There is no line.' },
    },
  };
}

/** The interface of NGA Scale: executions are attempts, jobs are runs, job types are jobs, nodes are engines. */
export const scaleExecutionOperations: OperationGroup = {
  tag: 'Scale: executions',
  description:
    'As NGA Scale: executions are attempts. Also below /api/v3 and /api, and without a version. Refusals say {"detail": …}.',
  operations: {
    'get /v3/job-executions/': {
      id: 'listScaleExecutions',
      summary: 'List executions',
      description: 'Filters hold together; a repeated one takes any of its values.',
      query: executionsQuery,
      answers: { 200: { description: 'A page.', schema: listOf(execution) } },
    },
    'get /v3/job-executions/:execution/': {
      id: 'getScaleExecution',
      summary: 'Show an execution',
      answers: { 200: { description: 'With all that is known of it.', schema: executionDetail } },
    },
    'get /v3/job-executions/:execution/logs/': {
      id: 'getScaleExecutionLogs',
      summary: 'What an execution wrote',
      answers: { 200: { description: 'So far.', schema: executionLogs } },
    },
    'get /v3/job-executions/:execution/logs/:stream/': logOperation('getScaleExecutionLog'),
    'get /v6/job-executions/:execution/logs/:stream/': logOperation('getScaleExecutionLogV6'),
  },
};
