import { startPostgres, type TestPostgres } from '../../test/fixtures/postgres.ts';
import { databaseFor, jobsPerSecond, type Racer } from '../measure/queues/race.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';
import { queues } from '../queueWorker.ts';

const filledWith = 25_000;
const rounds = 3;
const roundMs = 2000;
/** For four processes that do 32 jobs at once, each of which takes a connection. */
const maxConnections = 200;

const others: Readonly<Record<string, Omit<Racer, 'processes'>>> = {
  pg_boss: { queue: 'pgBoss' },
  graphile_worker: { queue: 'graphile' },
};

/** For whoever wants to know how they do with other settings than their own. */
const tuned: typeof others = {
  pg_boss_batches_of_16: { queue: 'pgBoss', wishes: { batchSize: 16, burstWhenBatchFull: true } },
  graphile_worker_32: { queue: 'graphile', wishes: { concurrency: 32, maxPoolSize: 32 } },
};

/**
 * Claims and finishes of jobs that do nothing by one process, each durable, on a PostgreSQL of its own that writes to its disk
 * at each commit; beside it, in the same run, what others do. Each has as many under way as it has by its own defaults.
 */
export const claimAndFinishPostgres = () => race('claim-and-finish-postgres', 1, 1000);

/** The same by four processes together. */
export const claimAndFinishPostgres4 = () => race('claim-and-finish-postgres-4', 4, 900);

async function race(bench: string, processes: number, reach: number): Promise<Figure> {
  const postgres = await startPostgres({ durable: true, maxConnections });
  try {
    const { ours, ...rivals } = await inTurn(postgres, { ours: { queue: 'ours' }, ...others }, processes);
    const value = ours ?? 0;
    const isAhead = Object.values(rivals).every((perSecond) => value > perSecond);
    const row = { value: short(value, 0), unit: 'runs/s', reach };
    const figures = { ...rivals, ...(await inTurn(postgres, tuned, processes)) };
    return atLeast(bench, row, isAhead, { processes, ...figures });
  } finally {
    await postgres.close();
  }
}

/** The median of each: one after another, and that again, so that a noisy moment is not one's alone. */
async function inTurn(
  postgres: TestPostgres,
  racers: typeof others,
  processes: number,
): Promise<Record<string, number>> {
  const perSecond: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, racer] of Object.entries(racers)) {
      const url = await databaseFor(postgres, `${name}_${round}`);
      await queues[racer.queue]?.fill(url, filledWith);
      (perSecond[name] ??= []).push(await jobsPerSecond(url, { ...racer, processes }, roundMs));
    }
  return Object.fromEntries(
    Object.entries(perSecond).map(([name, figures]) => [name, short(median(figures))]),
  );
}
