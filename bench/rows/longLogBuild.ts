import { createRepository } from '../../test/fixtures/repository.ts';
import { buildByHand } from '../measure/byHand.ts';
import { checkWhole, printingProject } from '../measure/longLog.ts';
import { comparePairs } from '../measure/pairs.ts';
import { forgetPeak, peakOf } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const lines = 1_000_000;
const rounds = 9;

/** A RUN that prints a million lines, against by hand with the output into a file; every line must be in the log. */
export function longLogBuild(): Promise<Figure> {
  return withWorld(async ({ engine, git, server }) => {
    const repository = await createRepository(git, 'acme/chatty', printingProject(lines));
    let seed = 0;
    const change = () => repository.update({ seed: String(++seed) });
    forgetPeak(server.process);
    let newest = '';
    const { ratio, details } = await comparePairs(
      rounds,
      async () => {
        await change();
        const { job, ms } = await syncBuild(server, 'chatty');
        newest = job.id;
        return ms;
      },
      async () => {
        await change();
        return buildByHand({ engine, url: repository.url, tag: 'by-hand/chatty' });
      },
    );
    const peak = peakOf(server.process);
    await checkWhole(server, newest, lines);
    return atMost('long-log-build', { value: ratio, unit: 'of by hand', reach: 1.1 }, peak.isWithin, {
      lines,
      lost: 0,
      ...peak.details,
      ...details,
    });
  });
}
