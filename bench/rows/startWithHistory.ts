import { setTimeout as pause } from 'node:timers/promises';
import { buildJob } from '../../test/fixtures/jobs.ts';
import { createRepository } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { lengthenHistory } from '../measure/history.ts';
import { timed } from '../measure/pairs.ts';
import { residentMb } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';
import { withWorld } from '../measure/world.ts';

const runs = 100_000;
const starts = 7;
const idleMs = 3000;
const residentReachMb = 120;

/** From the start of the process to the first answer of `/health`, with a history of 100k runs; then its memory. */
export function startWithHistory(): Promise<Figure> {
  return withWorld(async ({ git, server }) => {
    await createRepository(git, 'acme/tiny', { Dockerfile: 'FROM busybox\nCOPY . /app\n' });
    await buildJob(server, { account: 'acme', repo: 'tiny', ref: 'main' });
    await server.stop('SIGTERM');
    lengthenHistory(server.data, runs);
    // The first start after a change of the sources compiles them, and keeps that for the later ones.
    await server.restart();
    await checkHistory(server);
    const times: number[] = [];
    for (let start = 0; start < starts; start++) {
      await server.stop('SIGTERM');
      times.push(await timed(() => server.restart()));
    }
    await pause(idleMs);
    const resident = residentMb(server.process);
    return atMost(
      'start-with-history',
      { value: median(times), unit: 'ms', reach: 500 },
      resident <= residentReachMb,
      {
        runs,
        starts_ms: times.map((time) => short(time, 0)),
        rss_idle_mb: resident,
        rss_reach_mb: residentReachMb,
      },
    );
  });
}

async function checkHistory(server: TestServer): Promise<void> {
  const total = (await server.request('/jobs?status=completed&limit=1')).headers.get('X-Total-Count');
  if (total !== String(runs)) throw new Error(`the server counts ${total} runs, not ${runs}`);
}
