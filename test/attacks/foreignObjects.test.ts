import { expect } from 'chai';
import { startEngine, type TestEngine } from '../fixtures/engine.ts';
import { type Gate, openGate } from '../fixtures/gate.ts';
import { buildJob, postJob, untilEnded, untilStatus } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const foreignStore = '01a00000-0000-7000-8000-000000000000';

/** Field.md row 16: what was not made by an attempt of this store is never touched, however like ours it looks. */
describe('attack on others: clean-up beside foreign containers, images, volumes and networks', () => {
  let engine: TestEngine;
  let world: World;
  let gate: Gate;
  /** What is there before anything is built. */
  let foreign: string[];

  before(async () => {
    engine = await startEngine();
    world = await openWorld({ engine, env: { DOCKER_BUILDER_LEASE: '2' } });
    gate = await openGate(engine);
  });
  after(async () => {
    await gate?.close();
    await world?.close();
    await engine?.close();
  });

  /** Everything on the engine that has a name or an id of its own; anonymous cache layers aside. */
  async function everything(): Promise<string[]> {
    const lists = await Promise.all([
      engine.docker('ps', '--all', '--no-trunc', '--format', 'container {{.ID}} {{.Names}} {{.State}}'),
      engine.docker('images', '--no-trunc', '--format', 'image {{.ID}} {{.Repository}}:{{.Tag}}'),
      engine.docker('volume', 'ls', '--format', 'volume {{.Name}}'),
      engine.docker('network', 'ls', '--no-trunc', '--format', 'network {{.ID}} {{.Name}}'),
    ]);
    return lists.flatMap((list) => list.split('\n').filter(Boolean));
  }

  async function expectForeign(): Promise<void> {
    const now = await everything();
    for (const one of foreign) expect(now).to.include(one);
  }

  async function repository(repo: string, ...lines: string[]): Promise<void> {
    await createRepository(world.git, `acme/${repo}`, {
      Dockerfile: ['FROM busybox', ...lines, ''].join('\n'),
    });
  }
  const build = (repo: string) => buildJob(world.server, { account: 'acme', repo, ref: 'main' });

  it('are there to begin with, one like ours in every way but one', async () => {
    // The marks of the real thing are taken from it, and put on what a neighbour made.
    await repository('ours', 'RUN echo ours');
    const ours = await build('ours');
    const labels = ours.image?.labels ?? {};
    const store = labels['docker-builder.store'] ?? '';
    const attempt = labels['docker-builder.attempt'] ?? '';
    expect(store).not.to.equal('');
    const marked = (ofStore: string) => [
      '--label',
      `docker-builder.store=${ofStore}`,
      '--label',
      `docker-builder.attempt=${attempt}`,
    ];
    const sleep = ['--network=none', 'busybox', 'sleep', '1000000'];
    const ourImage = ours.image?.id ?? '';
    const detached = (name: string, ...more: string[]) => ['run', '--detach', '--name', name, ...more];
    const made = [
      detached('neighbour', ...sleep),
      detached('other-store', ...marked(foreignStore), ...sleep),
      detached('of-our-image', '--network=none', ourImage, 'sleep', '1000000'),
      ['create', '--name', 'docker-builder', 'busybox', 'true'],
      ['run', '--name', 'ended', '--network=none', '--volume', '/data', 'busybox', 'true'],
      ['volume', 'create', ...marked(foreignStore), 'docker-builder'],
      ['network', 'create', ...marked(foreignStore), 'docker-builder'],
      ['tag', 'busybox', 'acme/neighbour:main'],
    ];
    await Promise.all(made.map((command) => engine.docker(...command)));
    const label = `LABEL docker-builder.store=${foreignStore}`;
    await engine.docker('commit', '--change', label, 'ended', 'neighbour:committed');
    foreign = await everything();
    expect(foreign.length).to.be.greaterThan(10);
  });

  it('stay after a success and a failure', async () => {
    await repository('success', 'RUN echo success');
    expect((await build('success')).status).to.equal('completed');
    await repository('failure', 'RUN echo failure', 'RUN exit 1');
    expect((await build('failure')).status).to.equal('errored');
    await expectForeign();
  });

  it('stay after a cancel', async () => {
    await repository('cancel', `RUN ${gate.pass('cancel')}`);
    const { id } = await postJob(world.server, { account: 'acme', repo: 'cancel', ref: 'main' });
    await waitFor('the step', () => gate.reached('cancel'));
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    await untilStatus(world.server, id, ['canceled']);
    await expectForeign();
  });

  it('stay after a crash, and what the crash left of ours goes', async () => {
    await repository('crash', `RUN ${gate.pass('crash')}`);
    const { id } = await postJob(world.server, { account: 'acme', repo: 'crash', ref: 'main' });
    await waitFor('the step', () => gate.reached('crash'));
    await world.server.restart();
    gate.open('crash');
    expect((await untilEnded(world.server, id)).status).to.equal('completed');
    await expectForeign();
    const containers = (list: string[]) => list.filter((one) => one.startsWith('container '));
    await waitFor(
      'the end of what was left',
      async () => containers(await everything()).length === containers(foreign).length,
    );
  });
});
