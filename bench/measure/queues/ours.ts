import { openPostgresStore } from '../../../server/store/postgres.ts';
import { cycle, insertHttpJob, queueRuns } from '../cycles.ts';
import type { Queue } from './queue.ts';

export const ours: Queue = {
  async fill(url, jobs) {
    const store = await openPostgresStore(url);
    try {
      await queueRuns(store, await insertHttpJob(store, 'noop'), jobs);
    } finally {
      await store.close();
    }
  },
  async start(url, _wishes, onDone) {
    const store = await openPostgresStore(url);
    let isOver = false;
    const working = cycle(store, () => isOver, onDone);
    return {
      async stop() {
        isOver = true;
        await working;
        await store.close();
      },
    };
  },
};
