import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { postJob, tailOf, untilEnded } from '../../test/fixtures/jobs.ts';
import { createRepository } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { waitFor } from '../../test/fixtures/waitFor.ts';
import { pacedProject } from '../measure/pacedProject.ts';
import { cpuSeconds, residentMb } from '../measure/process.ts';
import { runProgram } from '../measure/program.ts';
import type { Seen } from '../measure/readersSaw.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { withWorld } from '../measure/world.ts';

const client = fileURLToPath(new URL('../readers.ts', import.meta.url));
const readers = 100;
const perSecond = 20_000;
const seconds = 14;
/** The part of it in which the processor time is taken. */
const windowMs = 10_000;
const delayReachMs = 100;

/** 100 websockets that follow a build which prints 20k lines a second: the server's processor time, and how late lines come. */
export function liveReaders(): Promise<Figure> {
  return withWorld(async ({ git, server }) => {
    await createRepository(git, 'acme/paced', pacedProject({ perSecond, seconds }));
    const { id } = await postJob(server, { account: 'acme', repo: 'paced', ref: 'main' });
    const reading = follow(server, id);
    const percent = await Promise.race([percentOfCore(server, id), reading.then(endedEarly)]);
    const rss = residentMb(server.process);
    const { p50, p99, max, counts, megabytes, torn } = await reading;
    const job = await untilEnded(server, id);
    const isWhole = torn === 0 && counts.every((count) => count === perSecond * seconds);
    return atMost(
      'live-readers',
      { value: percent, unit: '% of a core', reach: 20 },
      p99 <= delayReachMs && isWhole && job.status === 'completed',
      {
        readers,
        lines_per_second: perSecond,
        delay_p50_ms: short(p50, 0),
        delay_p99_ms: short(p99, 0),
        delay_max_ms: short(max, 0),
        delay_reach_ms: delayReachMs,
        lost: !isWhole,
        sent_mb: megabytes,
        rss_mb: rss,
      },
    );
  });
}

async function follow(server: TestServer, id: string): Promise<Seen> {
  const url = `ws://127.0.0.1:${server.port}/jobs/${id}/tail?from=1`;
  return JSON.parse(
    await runProgram(process.execPath, [client, JSON.stringify({ urls: [url], readers, parsed: 3 })]),
  ) as Seen;
}

/** Processor time of the server while the lines come, in percent of one core. */
async function percentOfCore(server: TestServer, id: string): Promise<number> {
  await waitFor('the first lines', async () => / of batch 50 /.test(await tailOf(server, id)));
  const [cpu, at] = [cpuSeconds(server.process), performance.now()];
  await pause(windowMs);
  return (100 * (cpuSeconds(server.process) - cpu)) / ((performance.now() - at) / 1000);
}

function endedEarly(): never {
  throw new Error('the readers ended before the build did');
}
