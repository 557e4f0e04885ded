import { insertHttpJob, oneCycle, queueRuns } from '../measure/cycles.ts';
import { withStore } from '../measure/freshStore.ts';
import { timed } from '../measure/pairs.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, percentile, short } from '../measure/statistics.ts';

const runs = 100_000;
const dayMs = 24 * 3_600_000;
const times = 40;

/** What the health score of a job asks of the store, with 100k ended runs of the last 30 days. */
export function healthScore(): Promise<Figure> {
  return withStore(async (store) => {
    const job = await insertHttpJob(store, 'noop');
    const now = Date.now();
    await queueRuns(store, job, runs, (n) => now - Math.floor((30 * dayMs * n) / runs));
    let ended = 0;
    const work = async () => {
      while (ended < runs && (await oneCycle(store, 5 + (ended++ % 5000))));
    };
    await Promise.all(Array.from({ length: 64 }, work));
    const week: number[] = [];
    const month: number[] = [];
    for (let time = 0; time < times; time++) {
      week.push(await timed(() => store.read.jobStats(job.id, now - 7 * dayMs, now)));
      month.push(await timed(() => store.read.jobStats(job.id, now - 30 * dayMs, now)));
    }
    const value = percentile(month, 95);
    return atMost('health-score', { value, unit: 'ms p95 of 30 days', reach: 10 }, true, {
      runs,
      week_ms: short(median(week)),
      month_ms: short(median(month)),
    });
  });
}
