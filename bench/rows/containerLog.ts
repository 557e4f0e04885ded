import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeContainerJob, runByHand, runToEnd } from '../measure/containerJob.ts';
import { checkWhole, printingCommand } from '../measure/longLog.ts';
import { comparePairs, timed } from '../measure/pairs.ts';
import { forgetPeak, peakOf } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { withWorld } from '../measure/world.ts';

const lines = 1_000_000;
const rounds = 5;

/** A container that prints a million lines, against `docker run --rm` into a file; every line must be in the log. */
export function containerLog(): Promise<Figure> {
  return withWorld(async ({ engine, server }) => {
    const folder = await mkdtemp(join(tmpdir(), 'dbb-'));
    const into = openSync(join(folder, 'run.log'), 'w');
    try {
      const command = printingCommand(lines);
      const job = await makeContainerJob(server, 'chatty', command);
      forgetPeak(server.process);
      let newest = '';
      const { ratio, details } = await comparePairs(
        rounds,
        () => timed(async () => (newest = await runToEnd(server, job))),
        () => timed(() => runByHand(engine, command, into)),
      );
      const peak = peakOf(server.process);
      await checkWhole(server, newest, lines);
      const value = { value: ratio, unit: 'of by hand', reach: 1.1 };
      return atMost('container-log', value, peak.isWithin, { lines, lost: 0, ...peak.details, ...details });
    } finally {
      closeSync(into);
      await rm(folder, { recursive: true, force: true });
    }
  });
}
