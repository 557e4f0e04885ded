import { startPostgres, type TestPostgres } from '../../test/fixtures/postgres.ts';
import { databaseFor, jobsPerSecond, type Racer } from '../measure/queues/race.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { queues } from '../queueWorker.ts';

const filledWith = 25_000;
const roundMs = 3000;
/** For four processes with 32 places, each of which takes a connection. */
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
 * Claims and finishes of jobs that do nothing by one process with 32 places, each durable, on a PostgreSQL of its own that
 * writes to its disk at each commit; beside it, in the same run, what others do by their own defaults.
 */
export const claimAndFinishPostgres = () => race('claim-and-finish-postgres', 1, 1000);

/** The same by four processes together. */
export const claimAndFinishPostgres4 = () => race('claim-and-finish-postgres-4', 4, 900);

async function race(bench: string, processes: number, reach: number): Promise<Figure> {
  const postgres = await startPostgres({ durable: true, maxConnections });
  try {
    const value = await measured(postgres, 'ours', { queue: 'ours', processes });
    const rivals = await measuredAll(postgres, others, processes);
    const isAhead = Object.values(rivals).every((perSecond) => value > perSecond);
    const row = { value: short(value, 0), unit: 'runs/s', reach };
    return atLeast(bench, row, isAhead, {
      processes,
      ...rivals,
      ...(await measuredAll(postgres, tuned, processes)),
    });
  } finally {
    await postgres.close();
  }
}

async function measuredAll(postgres: TestPostgres, racers: typeof others, processes: number) {
  const figures: Record<string, number> = {};
  for (const [name, racer] of Object.entries(racers))
    figures[name] = short(await measured(postgres, name, { ...racer, processes }));
  return figures;
}

async function measured(postgres: TestPostgres, name: string, racer: Racer): Promise<number> {
  const url = await databaseFor(postgres, name);
  await queues[racer.queue]?.fill(url, filledWith);
  return jobsPerSecond(url, racer, roundMs);
}
