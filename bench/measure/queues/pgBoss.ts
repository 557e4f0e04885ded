import { PgBoss, type WorkOptions } from 'pg-boss';
import type { Queue } from './queue.ts';

const name = 'noop';
const atOnce = 5000;

/** Of its `work`, with its defaults unless more is wished. */
export const pgBoss: Queue = {
  async fill(url, jobs) {
    const boss = await started(url);
    await boss.createQueue(name);
    for (let left = jobs; left > 0; left -= atOnce)
      await boss.insert(
        name,
        Array.from({ length: Math.min(left, atOnce) }, () => ({ data: {} })),
      );
    await boss.stop({ graceful: false });
  },
  async start(url, wishes, onDone) {
    const boss = await started(url);
    await boss.work(name, wishes as WorkOptions, async (jobs) => jobs.forEach(onDone));
    return { stop: () => boss.stop({ graceful: false }) };
  },
};

async function started(url: string): Promise<PgBoss> {
  const boss = new PgBoss(url);
  boss.on('error', (error) => console.error(error));
  return boss.start();
}
