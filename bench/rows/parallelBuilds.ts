import { createRepository } from '../../test/fixtures/repository.ts';
import { buildByHand } from '../measure/byHand.ts';
import { labelsLike } from '../measure/labels.ts';
import { comparePairs } from '../measure/pairs.ts';
import { peakOf } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const atOnce = 8;
const rounds = 9;
const dockerfile = 'FROM busybox\nCOPY app /app\nRUN sha256sum /app > /sum\nCMD ["cat", "/app"]\n';
const names = Array.from({ length: atOnce }, (_, index) => `tiny-${index}`);

/** Eight tiny builds at once, none of them cached, against eight by hand at once with the same labels. */
export function parallelBuilds(): Promise<Figure> {
  return withWorld(
    async ({ engine, git, server }) => {
      const repositories = await Promise.all(
        names.map((name) => createRepository(git, `acme/${name}`, { Dockerfile: dockerfile, app: name })),
      );
      const first = await Promise.all(names.map((name) => syncBuild(server, name)));
      let changes = 0;
      const changeAll = () =>
        Promise.all(repositories.map((repository) => repository.update({ app: String(changes++) })));
      const { ratio, details } = await comparePairs(
        rounds,
        async () => {
          await changeAll();
          const builds = await Promise.all(names.map((name) => syncBuild(server, name)));
          return Math.max(...builds.map(({ ms }) => ms));
        },
        async () => {
          await changeAll();
          const builds = repositories.map(({ url }, index) => {
            const labels = first[index] ? labelsLike(first[index].job) : {};
            return buildByHand({ engine, url, tag: `by-hand/${names[index]}`, labels });
          });
          return Math.max(...(await Promise.all(builds)));
        },
      );
      const peak = peakOf(server.process);
      return atMost('parallel-builds', { value: ratio, unit: 'of by hand', reach: 1 }, peak.isWithin, {
        at_once: atOnce,
        ...peak.details,
        ...details,
      });
    },
    { env: { DOCKER_BUILDER_CONCURRENCY: String(atOnce) } },
  );
}
