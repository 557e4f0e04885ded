import { startPostgres } from '../../test/fixtures/postgres.ts';
import { openPostgresStore } from '../../server/store/postgres.ts';
import { cyclesPerSecond, insertHttpJob, queueRuns } from '../measure/cycles.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';

/** The same as `claim-and-finish` on a PostgreSQL of its own, which writes to its disk at each commit. */
export async function claimAndFinishPostgres(): Promise<Figure> {
  const postgres = await startPostgres({ durable: true });
  try {
    const store = await openPostgresStore(postgres.url);
    try {
      await queueRuns(store, await insertHttpJob(store, 'noop'), 20_000);
      await cyclesPerSecond(store, 1000);
      const value = await cyclesPerSecond(store, 5000);
      const row = { value: short(value, 0), unit: 'runs/s', reach: 1000 };
      return atLeast('claim-and-finish-postgres', row, true, { claimers: 32 });
    } finally {
      await store.close();
    }
  } finally {
    await postgres.close();
  }
}
