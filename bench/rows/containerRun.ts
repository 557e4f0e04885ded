import { makeContainerJob, runByHand, runToEnd } from '../measure/containerJob.ts';
import { comparePairs, timed } from '../measure/pairs.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { withWorld } from '../measure/world.ts';

const rounds = 9;
/** Runs of one measurement, one after another: each but the last also waits until the one before is removed. */
const runs = 5;
const command = ['true'];

/** A container that does nothing, from the request to the run's stored end, against `docker run --rm`. */
export function containerRun(): Promise<Figure> {
  const env = { DOCKER_BUILDER_CONCURRENCY: '1' };
  return withWorld(
    async ({ engine, server }) => {
      const job = await makeContainerJob(server, 'nothing', command);
      const ours = () => timed(() => again(() => runToEnd(server, job)));
      const byHand = () => timed(() => again(() => runByHand(engine, command)));
      await ours();
      await byHand();
      const { ratio, details } = await comparePairs(rounds, ours, byHand);
      return atMost('container-run', { value: ratio, unit: 'of by hand', reach: 1.05 }, true, {
        runs,
        ...details,
      });
    },
    { env },
  );
}

async function again(work: () => Promise<unknown>): Promise<void> {
  for (let run = 0; run < runs; run++) await work();
}
