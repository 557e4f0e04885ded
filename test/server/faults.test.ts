import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { startEngine, type TestEngine } from '../fixtures/engine.ts';
import { getJob, postJob, tailOf, untilEnded, untilStatus } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import type { TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const quick = 'FROM busybox\nRUN echo quick && sleep 0.2\n';
const slow = 'FROM busybox\nRUN echo begun && sleep 100\n';

async function openFaultWorld(engine: TestEngine, env: Record<string, string> = {}): Promise<World> {
  const world = await openWorld({
    engine,
    env: { DOCKER_BUILDER_LEASE: '2', DOCKER_BUILDER_GRACE: '0', ...env },
  });
  await createRepository(world.git, 'acme/quick', { Dockerfile: quick }, { branch: 'main' });
  await createRepository(world.git, 'acme/slow', { Dockerfile: slow }, { branch: 'main' });
  return world;
}

const order = (repo: string) => ({ account: 'acme', repo, ref: 'main' });

/** Names of everything that ended attempts left on the engine. */
async function containersOf(engine: TestEngine): Promise<string> {
  return engine.docker('ps', '--all', '--quiet', '--no-trunc');
}

async function untilBuilding(server: TestServer, id: string): Promise<void> {
  await waitFor(`job ${id} to print`, async () => /^begun$/m.test(await tailOf(server, id)));
}

describe('a server that dies or stops', () => {
  let engine: TestEngine;
  let world: World;

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());
  beforeEach(async () => {
    world = await openFaultWorld(engine);
  });
  afterEach(() => world.close());

  it('loses no acknowledged job to kill -9, and leaves nothing behind', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 10; round++) {
      const posts = [postJob(world.server, order('quick')), postJob(world.server, order('quick'))];
      const settled = Promise.allSettled(posts.map(async (post) => acknowledged.push((await post).id)));
      await pause(Math.random() * 700);
      await Promise.all([settled, world.server.stop('SIGKILL')]);
      await world.server.restart();
    }
    for (const id of acknowledged) {
      const job = await untilEnded(world.server, id);
      // A job that was in the way of every kill may run out of attempts: that too is an outcome.
      expect(job.status === 'completed' || job.reason === 'lost', JSON.stringify(job)).to.equal(true);
    }
    const total = (await world.server.request('/jobs')).headers.get('x-total-count');
    expect(Number(total)).to.be.at.least(acknowledged.length);
    await waitFor(
      'the containers of dead attempts to be gone',
      async () => (await containersOf(engine)) === '',
    );
    await noCheckouts(world);
    await onlyImagesOfCompleted(world);
    // Ten starts of a program that is killed before it can keep its compiled code.
  }).timeout(180_000);

  it('says in the log why an attempt goes no further that a kill -9 ended', async () => {
    const { id } = await postJob(world.server, order('slow'));
    await untilBuilding(world.server, id);
    await world.server.stop('SIGKILL');
    await world.server.restart();
    await waitFor('the second attempt', async () => /^attempt 2 /m.test(await tailOf(world.server, id)));
    const lines = (await tailOf(world.server, id)).split('\n');
    const second = lines.findIndex((line) => line.startsWith('attempt 2 '));
    expect(lines[second - 1]).to.equal('attempt 1 was lost: the server that ran it is gone');
    const response = await world.server.request(`/jobs/${id}/attempts`);
    const [first] = (await response.json()) as object[];
    expect(first).to.include({ state: 'lost', first_line: 1, last_line: second });
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    await untilEnded(world.server, id);
  });

  it('gives builds back to the queue on SIGTERM, without counting the attempt', async () => {
    const { id } = await postJob(world.server, order('slow'));
    await untilBuilding(world.server, id);
    expect(await world.server.stop('SIGTERM')).to.equal(0);
    expect(await containersOf(engine)).to.equal('');
    await world.server.restart();
    await waitFor('the second attempt to run', async () => {
      const response = await world.server.request(`/jobs/${id}/attempts`);
      const states = ((await response.json()) as { state: string }[]).map(({ state }) => state);
      return states.join() === 'released,running';
    });
    await waitFor('its RUN', async () => (await containersOf(engine)) !== '');
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(await untilEnded(world.server, id)).to.include({ status: 'canceled' });
  });

  it('lets builds finish within the grace period', async () => {
    await world.server.restart({ DOCKER_BUILDER_GRACE: '30' });
    const { id } = await postJob(world.server, order('quick'));
    await untilStatus(world.server, id, ['building', 'completed']);
    expect(await world.server.stop('SIGTERM')).to.equal(0);
    await world.server.restart();
    expect(await getJob(world.server, id)).to.include({ status: 'completed' });
  });

  it('stops at once on a second SIGTERM', async () => {
    await world.server.restart({ DOCKER_BUILDER_GRACE: '300' });
    const { id } = await postJob(world.server, order('slow'));
    await untilBuilding(world.server, id);
    const stopped = world.server.stop('SIGTERM');
    await waitFor('the server to begin its stop', () => /shutting down/.test(world.server.output()));
    world.server.process.kill('SIGTERM');
    await stopped;
    await waitFor('the RUN to be gone', async () => (await containersOf(engine)) === '');
    await world.server.restart();
    await untilBuilding(world.server, id);
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    await untilEnded(world.server, id);
  });
});

describe('an engine that dies', () => {
  let engine: TestEngine;
  let world: World;

  before(async () => {
    engine = await startEngine();
    world = await openFaultWorld(engine);
  });
  after(async () => {
    await world.close();
    await engine.close();
  });

  it('costs an attempt; the job goes on when it is back, and nothing of the first try stays', async () => {
    const { id } = await postJob(world.server, order('slow'));
    await untilBuilding(world.server, id);
    await engine.kill();
    await untilStatus(world.server, id, ['created']);
    await engine.restart();
    await waitFor('the second attempt', async () => /attempt 2 /.test(await tailOf(world.server, id)));
    const attempts = (await (await world.server.request(`/jobs/${id}/attempts`)).json()) as {
      reason: string;
    }[];
    expect(attempts[0]).to.include({ state: 'failed', reason: 'engine_lost' });
    await waitFor('one container, that of the second attempt', async () => {
      const lines = (await containersOf(engine)).split('\n').filter(Boolean);
      return lines.length === 1;
    });
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(await untilEnded(world.server, id)).to.include({ status: 'canceled' });
    expect(await containersOf(engine)).to.equal('');
  });

  it('cancels a job whose engine is gone, and removes what was left at its return', async () => {
    const { id } = await postJob(world.server, order('slow'));
    await untilBuilding(world.server, id);
    engine.freeze();
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(await untilEnded(world.server, id)).to.include({ status: 'canceled' });
    engine.thaw();
    await waitFor('the container to be gone', async () => (await containersOf(engine)) === '');
    const next = await postJob(world.server, order('quick'));
    expect(await untilEnded(world.server, next.id)).to.include({ status: 'completed' });
  });
});

async function noCheckouts(world: World): Promise<void> {
  const folder = join(world.server.data, 'sources', 'checkouts');
  await waitFor('the checkouts to be gone', async () => {
    const names = await readdir(folder).catch(() => []);
    return names.length === 0;
  });
}

/** Every image that carries the store's mark is the result of a completed job. */
async function onlyImagesOfCompleted({ engine, server }: World): Promise<void> {
  const jobs = (await (await server.request('/jobs?status=completed')).json()) as Record<
    string,
    { image: { id: string } }
  >;
  const results = new Set(Object.values(jobs).map(({ image }) => image.id));
  const isClean = async () => {
    const marked = await engine.docker(
      'images',
      '--all',
      '--quiet',
      '--no-trunc',
      '--filter',
      'label=docker-builder.store',
    );
    return marked.split('\n').filter((id) => id !== '' && !results.has(id)).length === 0;
  };
  // The engine is looked at every ten seconds.
  await waitFor('the images of dead attempts to be gone', isClean, 60_000);
}
