import type { Operation, OperationGroup } from '../../http/operation.ts';
import { waitQuery } from '../../http/wait.ts';
import { shownWorker } from './schemas.ts';

const worker = { 200: { description: 'The worker.', schema: shownWorker } };

function change(id: string, summary: string): Operation {
  return { id, summary, answers: worker };
}

/** The processes that share the work. */
export const workerOperations: OperationGroup = {
  tag: 'Workers',
  description: 'The processes that share the work, servers among them. For keys of all projects only.',
  operations: {
    'get /workers': {
      id: 'listWorkers',
      summary: 'List the processes that share the work',
      answers: { 200: { description: 'The one that answers first.', schema: shownWorker.array() } },
    },
    'get /workers/:name': {
      id: 'getWorker',
      summary: 'Get a worker, or wait until it is idle',
      query: waitQuery,
      answers: worker,
    },
    'post /workers/:name/pause': change('pauseWorker', 'Give a worker nothing more for now'),
    'post /workers/:name/drain': change('drainWorker', 'Let a worker finish what it has'),
    'post /workers/:name/resume': change('resumeWorker', 'Give a worker work again'),
  },
};
