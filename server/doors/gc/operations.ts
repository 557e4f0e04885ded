import type { OperationGroup } from '../../http/operation.ts';
import { gcReport, gcRequest, gcState } from './schemas.ts';

export const gcOperations: OperationGroup = {
  tag: 'Clean-up',
  description: 'What is kept for how long is said in settings.json: retention, and disk of engines.',
  operations: {
    'get /gc': {
      id: 'getLastCleanUp',
      summary: 'The last clean-up, and whether one is under way',
      answers: { 200: { description: 'null where there was none since the start.', schema: gcState } },
    },
    'post /gc': {
      id: 'cleanUp',
      summary: 'Clean up now, or say what would go',
      description: 'The answer waits for the end. 409 while another clean-up is under way.',
      body: { schema: gcRequest, optional: true },
      answers: { 200: { description: 'What went or would go.', schema: gcReport } },
    },
  },
};
