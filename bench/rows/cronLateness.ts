import { setTimeout as pause } from 'node:timers/promises';
import type { TestServer } from '../../test/fixtures/server.ts';
import { waitFor } from '../../test/fixtures/waitFor.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, percentile, short } from '../measure/statistics.ts';
import { withLoneServer } from '../measure/world.ts';

const schedules = 1000;
const inOneBatch = 50;
const minuteMs = 60_000;
/** More than it takes to make the jobs. */
const makingMs = 75_000;
/** After the tick, until somebody asks what became of it. */
const restMs = 2000;

/** 1000 jobs with a tick in the same minute: how long after it the run of each was made. Takes up to three minutes. */
export function cronLateness(): Promise<Figure> {
  return withLoneServer(async (server) => {
    const tick = Math.ceil((Date.now() + makingMs) / minuteMs) * minuteMs;
    for (let from = 0; from < schedules; from += inOneBatch) await makeJobs(server, from, tick);
    // Lists of what is made in that moment would take the time that is measured.
    await pause(tick + restMs - Date.now());
    const late = await waitFor('every tick to make its run', () => latenessOf(server, tick), 30_000);
    const value = percentile(late, 99);
    return atMost('cron-lateness', { value, unit: 'ms p99', reach: 50 }, true, {
      schedules,
      p50_ms: short(median(late)),
      max_ms: Math.max(...late),
    });
  });
}

async function makeJobs(server: TestServer, from: number, tick: number): Promise<void> {
  const at = new Date(tick);
  const jobs = Array.from({ length: inOneBatch }, (_, n) => ({
    project_id: 'bench',
    name: `tick ${from + n}`,
    slug: `tick-${from + n}`,
    endpoint_url: 'https://example.com/',
    // No tick before: a paused job that has one makes no other.
    cron: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`,
    max_concurrency: 1,
  }));
  const response = await server.request('/v1/jobs/batch', { method: 'POST', body: JSON.stringify(jobs) });
  if (response.status !== 201) throw new Error(`POST /v1/jobs/batch: ${response.status}`);
  const ids = ((await response.json()) as { id: string }[]).map(({ id }) => id);
  // Their runs shall be made and not done: nobody is to be called.
  await Promise.all(ids.map((id) => server.request(`/v1/jobs/${id}/pause`, { method: 'POST', body: '{}' })));
}

/** Undefined until each schedule has its run of this tick. */
async function latenessOf(server: TestServer, tick: number): Promise<number[] | undefined> {
  const late: number[] = [];
  let cursor = '';
  for (;;) {
    const path = `/v1/runs?project_id=bench&triggered_by=cron&limit=100${cursor}`;
    const page = (await (await server.request(path)).json()) as {
      data: { created_at: string }[];
      next_cursor?: string;
    };
    for (const { created_at } of page.data)
      if (Date.parse(created_at) >= tick) late.push(Date.parse(created_at) - tick);
    if (late.length >= schedules) return late;
    if (page.next_cursor === undefined || page.data.length === 0) return undefined;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}
