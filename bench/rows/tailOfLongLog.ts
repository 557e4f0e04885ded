import { createRepository } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { load } from '../measure/load.ts';
import { printingProject } from '../measure/longLog.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const rounds = 5;

/** `tail?n=100` of a log of a million lines against one of a thousand, both read from the disk. */
export function tailOfLongLog(): Promise<Figure> {
  return withWorld(async ({ git, server }) => {
    await createRepository(git, 'acme/long', printingProject(1_000_000));
    await createRepository(git, 'acme/brief', printingProject(1000));
    const long = (await syncBuild(server, 'long')).job.id;
    const brief = (await syncBuild(server, 'brief')).job.id;
    // A new process has the newest lines of neither log in memory.
    await server.restart();
    const pairs: { long: number; brief: number }[] = [];
    for (let round = 0; round < rounds; round++)
      pairs.push({ long: await tailsPerSecond(server, long), brief: await tailsPerSecond(server, brief) });
    const ratios = pairs.map((pair) => pair.brief / pair.long);
    return atMost('tail-of-long-log', { value: median(ratios), unit: 'times as long', reach: 1.2 }, true, {
      n: 100,
      long_per_second: short(median(pairs.map((pair) => pair.long)), 0),
      brief_per_second: short(median(pairs.map((pair) => pair.brief)), 0),
      ratios: ratios.map((ratio) => short(ratio)),
    });
  });
}

async function tailsPerSecond(server: TestServer, id: string): Promise<number> {
  const url = `${server.url}/jobs/${id}/tail?n=100`;
  const { perSecond, failed } = await load({ url, connections: 32, duration: 2 });
  if (failed > 0) throw new Error(`${failed} tails failed`);
  return perSecond;
}
