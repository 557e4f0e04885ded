import type { z } from 'zod';
import type { Operation, OperationGroup } from '../../http/operation.ts';
import { completeBody, failBody, logBody, progressBody, reportAnswer } from './schemas.ts';

/** A report of a run; `schema` is absent where there is nothing to say. */
function report(id: string, summary: string, schema?: z.ZodType): Operation {
  return {
    id,
    summary,
    proof: 'runToken',
    ...(schema && { body: { schema } }),
    answers: { 200: { description: 'What the run is then.', schema: reportAnswer } },
  };
}

/** What endpoints report. */
export const reportOperations: OperationGroup = {
  tag: 'Reports of endpoints',
  description: 'Whoever does a run says how it goes, with the token that came with it in X-Run-Token.',
  operations: {
    'post /sdk/v1/runs/:id/heartbeat': report('reportHeartbeat', 'Say that the run is alive'),
    'post /sdk/v1/runs/:id/log': report('reportLog', 'Add lines to the log', logBody),
    'post /sdk/v1/runs/:id/progress': report('reportProgress', 'Say how far it is', progressBody),
    'post /sdk/v1/runs/:id/complete': {
      ...report('reportComplete', 'Say that it is done', completeBody),
      body: { schema: completeBody, optional: true },
    },
    'post /sdk/v1/runs/:id/fail': report('reportFail', 'Say that it failed', failBody),
  },
};
