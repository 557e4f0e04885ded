import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestServer } from '../../test/fixtures/server.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, percentile, short } from '../measure/statistics.ts';
import { withLoneServer } from '../measure/world.ts';

const calls = 300;

/** `created_at` is cut to whole milliseconds: by so much it is too early on average. */
const cutMs = 0.5;

/** From the moment that a run is made to the one that the endpoint has its request; one after another. */
export async function handlerStart(): Promise<Figure> {
  const arrivals = new Map<string, number>();
  const endpoint = createServer((request, response) => {
    arrivals.set(String(request.headers['x-run-id']), performance.timeOrigin + performance.now());
    request.resume();
    response.end('{}');
  });
  endpoint.listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const address = endpoint.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const env = { DOCKER_BUILDER_ALLOW_PRIVATE: 'true' };
    const waits = await withLoneServer((server) => measure(server, port, arrivals), { env });
    const value = percentile(waits, 99);
    return atMost('handler-start', { value, unit: 'ms p99', reach: 20 }, median(waits) <= 2, {
      calls,
      p50_ms: short(median(waits)),
      p50_reach_ms: 2,
      max_ms: short(Math.max(...waits)),
    });
  } finally {
    endpoint.closeAllConnections();
    endpoint.close();
  }
}

async function measure(
  server: TestServer,
  port: number,
  arrivals: ReadonlyMap<string, number>,
): Promise<number[]> {
  const made = { project_id: 'bench', name: 'noop', slug: 'noop', endpoint_url: `http://127.0.0.1:${port}/` };
  const job = await post(server, '/v1/jobs', made);
  const waits: number[] = [];
  for (let call = 0; call < calls + 20; call++) {
    const run = await post(server, `/v1/jobs/${job.id}/trigger`, {});
    const arrivedAt = await arrival(arrivals, run.id);
    // The first ones load what is loaded on first use.
    if (call >= 20) waits.push(arrivedAt - Date.parse(run.created_at) - cutMs);
  }
  return waits;
}

async function arrival(arrivals: ReadonlyMap<string, number>, id: string): Promise<number> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const at = arrivals.get(id);
    if (at !== undefined) return at;
    if (Date.now() > giveUpAt) throw new Error(`run ${id} did not reach its endpoint`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function post(
  server: TestServer,
  path: string,
  body: object,
): Promise<{ id: string; created_at: string }> {
  const response = await server.request(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string; created_at: string };
}
