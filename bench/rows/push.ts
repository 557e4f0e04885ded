import type { TestEngine } from '../../test/fixtures/engine.ts';
import { startRegistry, type TestRegistry } from '../../test/fixtures/registry.ts';
import { createRepository } from '../../test/fixtures/repository.ts';
import type { TestServer } from '../../test/fixtures/server.ts';
import { buildByHand } from '../measure/byHand.ts';
import { makeImageJob } from '../measure/imageJob.ts';
import { comparePairs, timed } from '../measure/pairs.ts';
import { phaseMs } from '../measure/phase.ts';
import { peakOf } from '../measure/process.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withOwnEngine } from '../measure/world.ts';

const rounds = 9;
const layerMb = 50;
const dockerfile = `FROM busybox
COPY seed /seed
RUN dd if=/dev/urandom of=/data bs=1000000 count=${layerMb} 2>/dev/null
`;

/** The push of a build of ours, against `docker push` of an image with the same layers to a registry of its own. */
export async function push(): Promise<Figure> {
  // An engine that knows a layer in a registry mounts it from there, and the second push would cost nothing.
  await using registry = await startRegistry();
  await using other = await startRegistry();
  return await withOwnEngine(async ({ engine, git, server }) => {
    const repository = await createRepository(git, 'acme/heavy', { Dockerfile: dockerfile, seed: '0' });
    const name = `${registry.host}/acme/heavy`;
    const byHandName = `${other.host}/acme/heavy`;
    await makeImageJob(server, 'heavy', { repository: name, tags: ['latest'] });
    let pushes = 0;
    // Each second push is of the layers that the one before it had; what the builds share is in the engine's cache.
    const changeInTurn = async () => {
      if (pushes++ % 2 === 0) await repository.update({ seed: String(pushes) });
    };
    const { ratio, details } = await comparePairs(
      rounds,
      async () => {
        await changeInTurn();
        return uploading(registry, () => pushedByBuild(server));
      },
      async () => {
        await changeInTurn();
        await buildByHand({ engine, url: repository.url, tag: byHandName });
        return uploading(other, () => timed(() => engine.docker('push', byHandName)));
      },
    );
    await checkSame(engine, name, byHandName);
    const peak = peakOf(server.process);
    return atMost('push', { value: ratio, unit: 'of docker push', reach: 1.05 }, peak.isWithin, {
      layer_mb: layerMb,
      ...peak.details,
      ...details,
    });
  });
}

async function pushedByBuild(server: TestServer): Promise<number> {
  const { job } = await syncBuild(server, 'heavy');
  return phaseMs(server, job.id, 'push');
}

/** Throws where the layer did not come to the registry. */
async function uploading(registry: TestRegistry, work: () => Promise<number>): Promise<number> {
  const before = await registry.storedBytes();
  const ms = await work();
  const sent = (await registry.storedBytes()) - before;
  if (sent < layerMb * 1e6) throw new Error(`only ${sent} bytes were pushed`);
  return ms;
}

async function checkSame(engine: TestEngine, ...names: readonly string[]): Promise<void> {
  const format = ['--format', '{{json .RootFS.Layers}}'];
  const layers = names.map((name) => engine.docker('image', 'inspect', ...format, name));
  if (new Set(await Promise.all(layers)).size > 1) throw new Error('the two images have other layers');
}
