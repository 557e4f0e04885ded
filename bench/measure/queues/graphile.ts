import { Logger, makeWorkerUtils, run, type RunnerOptions } from 'graphile-worker';
import type { Queue } from './queue.ts';

const logger = new Logger(() => () => undefined);
const atOnce = 5000;

/** Of its `run`, with its defaults unless more is wished. */
export const graphile: Queue = {
  async fill(url, jobs) {
    const utils = await makeWorkerUtils({ connectionString: url, logger });
    await utils.migrate();
    for (let left = jobs; left > 0; left -= atOnce)
      await utils.addJobs(
        Array.from({ length: Math.min(left, atOnce) }, () => ({ identifier: 'noop', payload: {} })),
      );
    await utils.release();
  },
  async start(url, wishes, onDone) {
    const taskList = { noop: async () => undefined };
    const options: RunnerOptions = {
      connectionString: url,
      taskList,
      logger,
      noHandleSignals: true,
      ...wishes,
    };
    const runner = await run(options);
    runner.events.on('job:success', onDone);
    return { stop: () => runner.stop() };
  },
};
