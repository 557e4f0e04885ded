import { startCluster } from '../../test/fixtures/cluster/cluster.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { makeContainerJob, runToEnd } from '../measure/containerJob.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, percentile, short } from '../measure/statistics.ts';

const calls = 40;
const [warmUp, p50ReachMs] = [3, 5];

/**
 * From when a server was asked for a run, to its start on a worker, which is another process with an engine of its own: both by
 * the database's clock. One after another, on a PostgreSQL that writes to its disk at each commit.
 */
export async function startElsewhere(): Promise<Figure> {
  const env = { DOCKER_BUILDER_CONCURRENCY: '4' };
  const cluster = await startCluster({ servers: 1, workers: 1, durable: true, lease: 30, env });
  try {
    const server = cluster.server(0);
    const job = await makeContainerJob(server, 'nothing', ['true']);
    const waits: number[] = [];
    for (let call = 0; call < calls + warmUp; call++) {
      const waited = await waitOf(server, await runToEnd(server, job));
      if (call >= warmUp) waits.push(waited);
    }
    const value = percentile(waits, 99);
    return atMost('start-elsewhere', { value, unit: 'ms p99', reach: 30 }, median(waits) <= p50ReachMs, {
      calls,
      p50_ms: short(median(waits)),
      p50_reach_ms: p50ReachMs,
      max_ms: short(Math.max(...waits)),
    });
  } finally {
    await cluster.close();
  }
}

async function waitOf(server: TestServer, id: string): Promise<number> {
  const run = (await (await server.request(`/v1/runs/${id}`)).json()) as Record<string, string>;
  return Date.parse(run['started_at'] ?? '') - Date.parse(run['created_at'] ?? '');
}
