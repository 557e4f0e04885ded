import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sharedEngine } from '../fixtures/engine.ts';
import { buildJob, getJob, postJob, tailOf, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const memory = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null';

describe('what settings.json says', () => {
  let data: string;
  let world: World;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'dbs-'));
    const engine = await sharedEngine();
    const settings = {
      engines: [{ name: 'solo', address: engine.host, slots: 1 }],
      limits: { buildMemoryBytes: 64 * 1024 * 1024, contextBytes: 100_000 },
    };
    await writeFile(join(data, 'settings.json'), JSON.stringify(settings));
    // DOCKER_HOST must not be asked where the settings name engines.
    world = await openWorld({ data, env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
    const repository = (name: string, files: Record<string, string>) =>
      createRepository(world.git, `acme/${name}`, files, { branch: 'main' });
    await repository('limited', { Dockerfile: `FROM busybox\nRUN ${memory}; true\n` });
    await repository('large', { Dockerfile: 'FROM busybox\n', ballast: 'x'.repeat(200_000) });
    await repository('slow', { Dockerfile: 'FROM busybox\nRUN echo begun; sleep 100\n' });
  });
  after(async () => {
    await world.close();
    await rm(data, { recursive: true, force: true });
  });

  const order = (repo: string) => ({ account: 'acme', repo, ref: 'main' });

  it('limits the memory of a build', async () => {
    const job = await buildJob(world.server, order('limited'));
    expect(job.status, job.error).to.equal('completed');
    expect(await tailOf(world.server, job.id))
      .to.match(/^67108864$/m)
      .and.contain('on engine solo');
  });

  it('limits the context', async () => {
    expect(await buildJob(world.server, order('large'))).to.include({
      status: 'errored',
      reason: 'context_too_large',
    });
  });

  it('gives an engine no more builds than it has slots', async () => {
    const first = await postJob(world.server, order('slow'));
    await waitFor('the first to run', async () => /^begun$/m.test(await tailOf(world.server, first.id)));
    const second = await postJob(world.server, order('limited'));
    expect(await getJob(world.server, second.id)).to.include({ status: 'created' });
    await world.server.request(`/jobs/${first.id}`, { method: 'DELETE' });
    expect(await untilEnded(world.server, second.id)).to.include({ status: 'completed' });
    // It was claimed only when the first had ended.
    const [one, two] = await Promise.all([first.id, second.id].map(attemptOf));
    expect(one?.finished).to.be.a('string');
    expect(String(two?.started) >= String(one?.finished)).to.equal(true);
  });

  async function attemptOf(id: string): Promise<{ started: string; finished: string } | undefined> {
    const response = await world.server.request(`/jobs/${id}/attempts`);
    return ((await response.json()) as { started: string; finished: string }[])[0];
  }
});
