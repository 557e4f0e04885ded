import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { EngineSettings } from '../../server/config/engineSchema.ts';
import type { SettingsDraft } from '../../server/config/settingsSchema.ts';
import { connect, contextOf } from '../builder/engine/builds.ts';
import { startEngine, type TestEngine } from '../fixtures/engine.ts';
import { type Gate, openGate } from '../fixtures/gate.ts';
import { buildJob, postJob, untilEnded, untilStatus } from '../fixtures/jobs.ts';
import { createRepository, type Repository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

interface GcAnswer {
  engines: {
    problem: string | null;
    images: { removed: { items: { id: string }[] }; left: { items: { id: string; why: string }[] } };
    cache: { bytes: number; removed_bytes: number; left: string | null } | null;
  }[];
}

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
    world = await openWorld({ engine, env: { DOCKER_BUILDER_LEASE: '2' }, settings: keeping({}) });
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

  /** Settings with a budget of the engine, or with what is to be kept. */
  function keeping({
    disk,
    retention = {},
  }: Pick<EngineSettings, 'disk'> & Pick<SettingsDraft, 'retention'>) {
    const engines = [{ name: 'local', address: engine.host, slots: 2, ...(disk && { disk }) }];
    return { engines, retention };
  }

  async function change(settings: Parameters<typeof keeping>[0]): Promise<void> {
    const told = () => world.server.output().split('the changed settings are in use').length;
    const before = told();
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify(keeping(settings)));
    await waitFor('the settings to be in use', () => told() > before);
  }

  async function cleanUp(): Promise<GcAnswer> {
    const response = await world.server.request('/gc', { method: 'POST' });
    expect(response.status).to.equal(200);
    return (await response.json()) as GcAnswer;
  }

  /** The engine's build cache, by the ids of its records. */
  async function cacheOf(): Promise<string[]> {
    const df = await connect(engine).call({ method: 'GET', path: '/system/df' });
    return (df as { BuildCache: { ID: string }[] }).BuildCache.map(({ ID }) => ID);
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

  describe('where what is ours is to go', () => {
    const repositories = new Map<string, Repository>();
    /** The first image of each repository: none is the newest of its job any more. */
    const old = new Map<string, string>();
    let cache: string[];

    before(async () => {
      for (const repo of ['named', 'base', 'plain', 'kit'])
        repositories.set(
          repo,
          await createRepository(world.git, `acme/${repo}`, {
            Dockerfile: `FROM busybox\nRUN echo ${repo} > /it\n`,
          }),
        );
      const buildAll = () =>
        Promise.all(
          [...repositories.keys()].map(async (repo) => [repo, (await build(repo)).image?.id] as const),
        );
      for (const [repo, id = ''] of await buildAll()) old.set(repo, id);
      const dockerfile = (from: string) =>
        contextOf({ Dockerfile: `FROM ${from}\nRUN echo neighbour > /mine\n` });
      const byHand = { method: 'POST', path: '/build', signal: new AbortController().signal } as const;
      for (const [version, from] of [
        [1, 'acme/base:main'],
        [2, 'acme/kit:main'],
      ] as const) {
        const query = { version, t: `neighbour/derived:${version}` };
        await text(await connect(engine).open({ ...byHand, query, file: dockerfile(from) }));
      }
      await engine.docker('tag', old.get('named') ?? '', 'neighbour/named:1');
      for (const [repo, { update }] of repositories)
        await update({ Dockerfile: `FROM busybox\nRUN echo newer ${repo} > /it\n` });
      await buildAll();
      const made = (await everything()).filter((one) => one.includes(' neighbour/'));
      expect(made).to.have.length(3);
      foreign = [...foreign, ...made];
      cache = await cacheOf();
      expect(cache.length).to.be.greaterThan(0);
    });

    it('stay after a clean-up by age that takes what may go', async () => {
      await change({ retention: { images: { maxAgeDays: 0.000001 } } });
      const { engines } = await cleanUp();
      const [{ images, cache: reported, problem } = {}] = engines;
      expect(problem).to.equal(null);
      expect(images?.removed.items.map(({ id }) => id)).to.include(old.get('plain'));
      expect(reported).to.include({ removed_bytes: 0 });
      expect(reported?.left).to.match(/not declared as dedicated/);
      await expectForeign();
      expect(await cacheOf()).to.include.members(cache);
      const left = await everything();
      const namesOf = (repo: string) =>
        left.filter((one) => one.includes(` ${old.get(repo)} `)).map((one) => one.split(' ')[2]);
      expect(namesOf('plain')).to.deep.equal([]);
      expect(namesOf('named')).to.deep.equal(['neighbour/named:1']);
      expect(namesOf('base')).not.to.deep.equal([]);
    });

    it('stay after a clean-up for a budget, on request and by itself after a build', async () => {
      await change({ disk: { highBytes: 2, lowBytes: 1 } });
      await cleanUp();
      await expectForeign();
      await repository('more', 'RUN echo more');
      const { image } = await build('more');
      await createRepository(world.git, 'acme/last', { Dockerfile: 'FROM busybox\nRUN echo last\n' });
      const last = await build('last');
      await waitFor('a clean-up by itself', async () => {
        const { last: report } = (await (await world.server.request('/gc')).json()) as { last: GcAnswer };
        return report.engines[0]?.images.left.items.some(({ id }) => id === last.image?.id);
      });
      const there = await everything();
      for (const id of [image?.id, last.image?.id])
        expect(there.some((one) => one.includes(`image ${id} `))).to.equal(true);
      await expectForeign();
      expect(await cacheOf()).to.include.members(cache);
    });

    it('run on: a container of our image, a neighbour, and an image made of ours', async () => {
      for (const derived of ['neighbour/derived:1', 'neighbour/derived:2'])
        expect(await engine.docker('run', '--rm', '--network=none', derived, 'cat', '/mine')).to.equal(
          'neighbour',
        );
      const states = await engine.docker('ps', '--format', '{{.Names}}');
      expect(states.split('\n')).to.include.members(['neighbour', 'other-store', 'of-our-image']);
    });
  });
});
