import type { TestServer } from '../../test/fixtures/server.ts';
import { load } from '../measure/load.ts';
import { forgetPeak, peakMb } from '../measure/process.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { withLoneServer } from '../measure/world.ts';

/** Triggers of a paused job over 32 connections: each answer comes after the commit of its run reached the disk. */
export function durableTriggers(): Promise<Figure> {
  return withLoneServer(async (server) => {
    const id = await pausedJob(server);
    const options = {
      url: `${server.url}/v1/jobs/${id}/trigger`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ payload: { user: 'u1', count: 3 } }),
      connections: 32,
    } as const;
    await load({ ...options, duration: 2 });
    forgetPeak(server.process);
    const { perSecond, failed, p50, p99 } = await load({ ...options, duration: 10 });
    return atLeast(
      'durable-triggers',
      { value: short(perSecond, 0), unit: 'requests/s', reach: 4000 },
      failed === 0,
      { connections: 32, failed, p50_ms: p50, p99_ms: p99, rss_peak_mb: peakMb(server.process) },
    );
  });
}

async function pausedJob(server: TestServer): Promise<string> {
  const job = await post(server, '/v1/jobs', {
    project_id: 'bench',
    name: 'noop',
    slug: 'noop',
    endpoint_url: 'https://example.com/',
  });
  await post(server, `/v1/jobs/${job.id}/pause`, {});
  return job.id;
}

async function post(server: TestServer, path: string, body: object): Promise<{ id: string }> {
  const response = await server.request(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}
