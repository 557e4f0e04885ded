import { cyclesPerSecond, insertHttpJob, places, queueRuns } from '../measure/cycles.ts';
import { withStore } from '../measure/freshStore.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';

/** Claims and finishes of runs that do nothing, each durable, as many at once as a server has by itself, on the embedded store. */
export function claimAndFinish(): Promise<Figure> {
  return withStore(async (store) => {
    await queueRuns(store, await insertHttpJob(store, 'noop'), 150_000);
    await cyclesPerSecond(store, 1000);
    const value = await cyclesPerSecond(store, 5000);
    return atLeast('claim-and-finish', { value: short(value, 0), unit: 'runs/s', reach: 2500 }, true, {
      claimers: places,
    });
  });
}
