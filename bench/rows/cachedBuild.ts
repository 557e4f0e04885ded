import type { TestEngine } from '../../test/fixtures/engine.ts';
import { createRepository, type Repository } from '../../test/fixtures/repository.ts';
import { buildByHand } from '../measure/byHand.ts';
import { labelsLike } from '../measure/labels.ts';
import { comparePairs } from '../measure/pairs.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const dockerfile = 'FROM busybox\nCOPY app /app\nRUN sha256sum /app > /sum\nCMD ["cat", "/app"]\n';
const rounds = 15;

/** A tiny build whose steps are all cached, against by hand with the same labels; without any labels beside it. */
export function cachedBuild(): Promise<Figure> {
  return withWorld(async ({ engine, git, server }) => {
    const repository = await createRepository(git, 'acme/tiny', { Dockerfile: dockerfile, app: 'hello\n' });
    const { job } = await syncBuild(server, 'tiny');
    await byHand(engine, repository, {});
    const ours = async () => (await syncBuild(server, 'tiny')).ms;
    const labelled = await comparePairs(rounds, ours, () => byHand(engine, repository, labelsLike(job)));
    const plain = await comparePairs(rounds, ours, () => byHand(engine, repository, {}));
    return atMost('cached-build', { value: labelled.ratio, unit: 'of by hand', reach: 1 }, true, {
      ...labelled.details,
      without_labels: { value: short(plain.ratio), ...plain.details },
    });
  });
}

function byHand(
  engine: TestEngine,
  { url }: Repository,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  return buildByHand({ engine, url, tag: 'by-hand/tiny', labels });
}
