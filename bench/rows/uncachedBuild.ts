import { createRepository } from '../../test/fixtures/repository.ts';
import { buildByHand } from '../measure/byHand.ts';
import { comparePairs } from '../measure/pairs.ts';
import { generatedProject } from '../measure/project.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const rounds = 7;

/** A `POST /jobs` with `sync` for 24 steps, none of them cached, against clone and build by hand. */
export function uncachedBuild(): Promise<Figure> {
  return withWorld(async ({ engine, git, server }) => {
    const repository = await createRepository(git, 'acme/steps', generatedProject());
    let seed = 0;
    const change = () => repository.update({ seed: String(seed++) });
    const { ratio, details } = await comparePairs(
      rounds,
      async () => {
        await change();
        const { job, ms } = await syncBuild(server, 'steps');
        if (job.image?.steps.slice(1, 24).some(({ cached }) => cached)) throw new Error('a step was cached');
        return ms;
      },
      async () => {
        await change();
        return buildByHand({ engine, url: repository.url, tag: 'by-hand/steps' });
      },
    );
    return atMost('uncached-build', { value: ratio, unit: 'of by hand', reach: 1.02 }, true, {
      steps: 24,
      ...details,
    });
  });
}
