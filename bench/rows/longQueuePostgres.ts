import { openPostgresStore } from '../../server/store/postgres.ts';
import type { Store } from '../../server/store/store.ts';
import { startPostgres, type TestPostgres } from '../../test/fixtures/postgres.ts';
import { cyclesPerSecond, insertHttpJob, oneCycle, queueRuns } from '../measure/cycles.ts';
import { addEnded } from '../measure/manyRows.ts';
import { databaseFor } from '../measure/queues/race.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';

const rounds = 5;
const roundMs = 700;

/**
 * Claim and finish on PostgreSQL with a million finished and 100k queued runs against a thousand of each, in turn; the short
 * queue is filled up before each turn.
 */
export async function longQueuePostgres(): Promise<Figure> {
  const postgres = await startPostgres({ durable: true });
  const opened: Store[] = [];
  try {
    const few = await filled(postgres, 'few', { ended: 1000, queued: 1000 });
    opened.push(few.store);
    const many = await filled(postgres, 'many', { ended: 1_000_000, queued: 100_000 });
    opened.push(many.store);
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await queueRuns(few.store, few.job, 5000);
      const one = await cyclesPerSecond(few.store, roundMs);
      ratios.push(one / (await cyclesPerSecond(many.store, roundMs)));
    }
    const row = { value: median(ratios), unit: 'times as long', reach: 1.5 };
    return atMost('long-queue-postgres', row, true, { ratios: ratios.map((ratio) => short(ratio)) });
  } finally {
    for (const store of opened) await store.close();
    await postgres.close();
  }
}

async function filled(
  postgres: TestPostgres,
  name: string,
  { ended, queued }: { ended: number; queued: number },
) {
  const store = await openPostgresStore(await databaseFor(postgres, name));
  const job = await insertHttpJob(store, 'noop');
  await queueRuns(store, job, 1);
  await oneCycle(store);
  await addEnded(postgres, name, ended);
  await queueRuns(store, job, queued);
  return { store, job };
}
