import { load } from '../measure/load.ts';
import { forgetPeak, peakMb } from '../measure/process.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { withLoneServer } from '../measure/world.ts';

const body = JSON.stringify({ account: 'modcloth', repo: 'docker-builder', ref: 'master' });

/** `POST /jobs` over 32 connections: each answer comes after the commit of its run reached the disk. */
export function durablePosts(): Promise<Figure> {
  return withLoneServer(async (server) => {
    const options = { url: `${server.url}/jobs`, method: 'POST', body, connections: 32 } as const;
    await load({ ...options, duration: 2 });
    forgetPeak(server.process);
    const { perSecond, requests, failed, p50, p99 } = await load({ ...options, duration: 10 });
    const total = Number((await server.request('/jobs?limit=1')).headers.get('X-Total-Count'));
    return atLeast(
      'durable-posts',
      { value: short(perSecond, 0), unit: 'requests/s', reach: 6000 },
      failed === 0 && total >= requests,
      {
        connections: 32,
        failed,
        stored: total,
        p50_ms: p50,
        p99_ms: p99,
        rss_peak_mb: peakMb(server.process),
      },
    );
  });
}
