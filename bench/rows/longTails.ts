import { createRepository } from '../../test/fixtures/repository.ts';
import { load } from '../measure/load.ts';
import { printingProject } from '../measure/longLog.ts';
import { forgetPeak, peakOf } from '../measure/process.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

/** `tail?n=10000` over 32 connections: about 0.8 MB an answer, read from the disk. */
export function longTails(): Promise<Figure> {
  return withWorld(async ({ git, server }) => {
    await createRepository(git, 'acme/long', printingProject(100_000));
    const { job } = await syncBuild(server, 'long');
    await server.restart();
    const url = `${server.url}/jobs/${job.id}/tail?n=10000`;
    const bytes = (await (await fetch(url)).arrayBuffer()).byteLength;
    const options = { url, connections: 32 };
    await load({ ...options, duration: 2 });
    forgetPeak(server.process);
    const { perSecond, failed, p99 } = await load({ ...options, duration: 8 });
    const peak = peakOf(server.process);
    return atLeast(
      'long-tails',
      { value: short(perSecond, 0), unit: 'requests/s', reach: 800 },
      failed === 0 && peak.isWithin,
      { n: 10_000, bytes, failed, p99_ms: p99, ...peak.details },
    );
  });
}
