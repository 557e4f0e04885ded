import type { OperationGroup } from '../../http/operation.ts';
import { queueWish, shownQueue } from './schemas.ts';

const queue = { 200: { description: 'The queue.', schema: shownQueue } };

/** The named lines that runs wait in. */
export const queueOperations: OperationGroup = {
  tag: 'Queues',
  description: 'The named lines that runs wait in. For keys of all projects only.',
  operations: {
    'get /queues': {
      id: 'listQueues',
      summary: 'List queues',
      answers: { 200: { description: 'In the order of their names.', schema: shownQueue.array() } },
    },
    'get /queues/:name': { id: 'getQueue', summary: 'Get a queue', answers: queue },
    'put /queues/:name': {
      id: 'putQueue',
      summary: 'Make or change a queue',
      body: { schema: queueWish, optional: true },
      answers: queue,
    },
    'post /queues/:name/pause': {
      id: 'pauseQueue',
      summary: 'Start nothing of a queue for now',
      description: 'What runs goes on.',
      answers: queue,
    },
    'post /queues/:name/resume': {
      id: 'resumeQueue',
      summary: 'Start runs of a queue again',
      answers: queue,
    },
    'delete /queues/:name': {
      id: 'deleteQueue',
      summary: 'Remove a queue that nothing is in',
      answers: { 204: { description: 'It is forgotten.' } },
    },
  },
};
