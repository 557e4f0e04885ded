import { postJob, untilEnded } from '../../test/fixtures/jobs.ts';
import { createRepository } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, percentile } from '../measure/statistics.ts';
import { withWorld } from '../measure/world.ts';

const builds = 50;

/** From the moment that a run is queued to the start of its attempt, one after another on a server without other work. */
export function timeToStart(): Promise<Figure> {
  return withWorld(async ({ git, server }) => {
    await createRepository(git, 'acme/tiny', { Dockerfile: 'FROM busybox\nCOPY . /app\n' });
    const waits: number[] = [];
    for (let build = 0; build < builds; build++) waits.push(await waitOfOne(server));
    const value = percentile(waits, 99);
    return atMost('time-to-start', { value, unit: 'ms p99', reach: 20 }, true, {
      builds,
      p50_ms: median(waits),
      max_ms: Math.max(...waits),
    });
  });
}

async function waitOfOne(server: TestServer): Promise<number> {
  const { id, created } = await postJob(server, { account: 'acme', repo: 'tiny', ref: 'main' });
  const job = await untilEnded(server, id);
  if (job.status !== 'completed') throw new Error(`job ${id} did not complete: ${job.error}`);
  const attempts = (await (await server.request(`/jobs/${id}/attempts`)).json()) as { started: string }[];
  return Date.parse(attempts[0]?.started ?? '') - Date.parse(created);
}
