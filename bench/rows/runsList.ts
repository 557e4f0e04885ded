import { startServer, type TestServer } from '../../test/fixtures/server.ts';
import { openSqliteStore } from '../../server/store/open.ts';
import { insertHttpJob, oneCycle, queueRuns } from '../measure/cycles.ts';
import { lengthenHistory } from '../measure/history.ts';
import { load } from '../measure/load.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';

const sizes = [10_000, 1_000_000] as const;
const rounds = 4;
const filters = [
  'status=completed',
  'status=completed&triggered_by=manual',
  'job_id=JOB',
  'job_id=JOB&status=completed',
];

/** Filtered and ordered lists of runs, in a store of a million and in one of ten thousand, in turn. */
export async function runsList(): Promise<Figure> {
  const env = { DOCKER_HOST: 'unix:///nowhere.sock' };
  const small = await startServer({ env });
  const large = await startServer({ env });
  try {
    const jobs = [await fill(small, sizes[0]), await fill(large, sizes[1])];
    const ratios: Record<string, number> = {};
    for (const filter of filters) {
      const pairs: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const few = await perSecond(small, filter, jobs[0]);
        pairs.push(few / (await perSecond(large, filter, jobs[1])));
      }
      ratios[filter] = short(median(pairs));
    }
    const value = Math.max(...Object.values(ratios));
    return atMost('runs-list', { value, unit: 'times as long', reach: 1.5 }, true, { ratios });
  } finally {
    await small.close();
    await large.close();
  }
}

/** One run that ended, and copies of it until there are enough. */
async function fill(server: TestServer, runs: number): Promise<string> {
  await server.stop('SIGTERM');
  const store = await openSqliteStore(server.data);
  const job = await insertHttpJob(store, 'noop');
  await queueRuns(store, job, 1);
  await oneCycle(store);
  await store.close();
  lengthenHistory(server.data, runs);
  await server.restart();
  return job.id;
}

async function perSecond(server: TestServer, filter: string, jobId = ''): Promise<number> {
  const query = `project_id=bench&limit=50&${filter.replace('JOB', jobId)}`;
  const url = `${server.url}/v1/runs?${query}`;
  const { perSecond: value, failed } = await load({ url, connections: 4, duration: 2 });
  if (failed > 0) throw new Error(`${failed} lists failed`);
  return value;
}
