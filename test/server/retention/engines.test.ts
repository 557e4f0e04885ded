import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EngineSettings } from '../../../server/config/engineSchema.ts';
import type { SettingsDraft } from '../../../server/config/settingsSchema.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { buildJob, postJob, untilEnded } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openWorld, type World } from '../../fixtures/world.ts';

interface Tally {
  total: number;
  bytes: number;
  items: { id: string; tags: string[]; bytes: number; why: string }[];
}

interface Report {
  dry_run: boolean;
  engines: {
    name: string;
    problem: string | null;
    bytes_before: number;
    bytes_after: number;
    images: { removed: Tally; left: Tally };
    layers: { removed: Tally; left: Tally };
    cache: { bytes: number; removed_bytes: number; left: string | null } | null;
  }[];
}

const big = 'RUN dd if=/dev/urandom of=/big bs=1000000 count=2 2>/dev/null';

describe('retention on an engine', () => {
  let engine: TestEngine;
  let world: World;
  let gate: Gate;

  before(async () => {
    engine = await startEngine();
    world = await openWorld({ engine, settings: settingsWith({}) });
    gate = await openGate(engine);
  });
  after(async () => {
    await gate?.close();
    await world?.close();
    await engine?.close();
  });

  interface Wish extends Pick<EngineSettings, 'disk' | 'dedicated'> {
    retention?: SettingsDraft['retention'];
  }

  function settingsWith({ retention = {}, ...more }: Wish): object {
    return { engines: [{ name: 'one', address: engine.host, slots: 2, ...more }], retention };
  }

  async function change(wish: Wish): Promise<void> {
    const told = () => world.server.output().split('the changed settings are in use').length;
    const before = told();
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify(settingsWith(wish)));
    await waitFor('the settings to be in use', () => told() > before);
  }

  async function gc(body: object = {}): Promise<Report['engines'][number]> {
    const response = await world.server.request('/gc', { method: 'POST', body: JSON.stringify(body) });
    const answer = await response.text();
    expect(response.status, answer).to.equal(200);
    const [one] = (JSON.parse(answer) as Report).engines;
    if (!one) throw new Error('the report has no engine');
    expect(one.problem).to.equal(null);
    return one;
  }

  const build = (repo: string, ref = 'main') => buildJob(world.server, { account: 'acme', repo, ref });
  const idsThere = async () => (await engine.docker('images', '--all', '--quiet', '--no-trunc')).split('\n');
  const ids = ({ items }: Tally) => items.map(({ id }) => id);

  it('says what would go, and then takes just that: all but the newest images of a job, with their steps', async () => {
    const dockerfile = (i: number) => ({ Dockerfile: `FROM busybox\nENV i=${i}\n${big}\n` });
    const { update } = await createRepository(world.git, 'acme/app', dockerfile(0));
    const images = [];
    for (let i = 1; i <= 3; i++) {
      images.push((await build('app')).image?.id ?? '');
      await update(dockerfile(i));
    }
    await change({ retention: { images: { keepPerJob: 2 } } });
    const before = await idsThere();
    const dry = await gc({ dry_run: true, engines: ['one'] });
    expect(await idsThere()).to.have.members(before);
    const report = await gc();
    expect(report.images).to.deep.equal(dry.images);
    expect(report.layers).to.deep.equal(dry.layers);
    expect(report.images.removed.items[0]?.why).to.equal('its job has the images of 2 newer builds');
    expect(ids(report.images.removed)).to.deep.equal(images.slice(0, 1));
    expect(report.layers.removed.total).to.equal(2);
    expect(report.bytes_before - report.bytes_after).to.be.within(2_000_000, 2_100_000);
    const there = await idsThere();
    expect(there).to.include.members(images.slice(1)).and.not.to.include(images[0]);
    expect((await gc()).images.removed.total).to.equal(0);
  });

  it('says of an image what comes of it when its run goes too', async () => {
    await change({ retention: { images: { keepPerJob: 9 } } });
    const dockerfile = (i: number) => `FROM busybox\nENV two=${i}\n`;
    const both = (names: string[]) => names.map((name) => `[[container]]\nname = "${name}"\n`).join('');
    const { update } = await createRepository(world.git, 'acme/two', {
      Dockerfile: dockerfile(1),
      Bobfile: both(['new', 'old']),
    });
    const first = await build('two');
    await update({ Dockerfile: dockerfile(2), Bobfile: both(['new']) });
    await build('two');
    await change({ retention: { runs: { maxPerJob: 1 }, images: { maxAgeDays: 0.0000001 } } });
    const dry = await gc({ dry_run: true });
    const report = await gc();
    expect(ids(report.images.removed)).to.include(first.image?.id);
    expect(ids(dry.images.removed)).to.have.members(ids(report.images.removed));
  });

  it('lets a build finish that begins with an image which is to go', async () => {
    await change({});
    const { update } = await createRepository(world.git, 'acme/base', {
      Dockerfile: 'FROM busybox\nENV A=1\n',
    });
    const base = await build('base');
    const tag = base.image?.tags.find((one) => !/:(?:main|latest)$/.test(one)) ?? '';
    await update({ Dockerfile: 'FROM busybox\nENV A=2\n' });
    await build('base');
    const Dockerfile = `FROM busybox AS first\nRUN ${gate.pass('base')}\nFROM ${tag}\nRUN echo $A > /a\n`;
    await createRepository(world.git, 'acme/late', { Dockerfile });
    const { id } = await postJob(world.server, { account: 'acme', repo: 'late', ref: 'main' });
    await waitFor('the first stage', () => gate.reached('base'));
    await change({ retention: { images: { maxAgeDays: 0.000001 } } });
    const { images } = await gc();
    expect(images.left.items.find((one) => one.id === base.image?.id)?.why).to.equal(
      'a build under way begins with it',
    );
    gate.open('base');
    expect(await untilEnded(world.server, id)).to.include({ status: 'completed' });
  });

  it('takes the build cache of an engine that is dedicated, before any image', async () => {
    const mount =
      'RUN --mount=type=cache,target=/c dd if=/dev/urandom of=/c/x bs=1000000 count=3 2>/dev/null';
    await createRepository(world.git, 'acme/kit', { Dockerfile: `FROM busybox\n${mount}\n` });
    expect(await build('kit')).to.include({ status: 'completed' });
    await change({ disk: { highBytes: 3_000_000, lowBytes: 2_900_000 } });
    const foreign = await gc();
    expect(foreign.cache).to.include({ removed_bytes: 0 });
    await change({ dedicated: true, disk: { highBytes: 3_000_000, lowBytes: 2_900_000 } });
    const dry = await gc({ dry_run: true });
    expect(dry.cache?.removed_bytes).to.be.greaterThan(2_000_000);
    const report = await gc();
    expect(report.cache?.removed_bytes).to.be.greaterThan(2_000_000);
    expect(report.cache?.left).to.equal(null);
    expect((await gc()).cache?.bytes).to.be.lessThan(foreign.cache?.bytes ?? 0);
  });

  it('refuses what it does not understand', async () => {
    const refused = async (body: string) => {
      const response = await world.server.request('/gc', { method: 'POST', body });
      return `${response.status} ${((await response.json()) as { message: string }).message}`;
    };
    expect(await refused('{')).to.match(/^400 .*JSON/);
    expect(await refused('[]')).to.equal('400 the body must be an object, such as {"dry_run": true}');
    expect(await refused('{"dry_run":"yes"}')).to.equal('400 dry_run must be true or false');
    expect(await refused('{"engines":[1]}')).to.match(/^400 engines must be a list of .* names of engines$/);
    expect(await refused('{"dryrun":true}')).to.match(/^400 the body may have dry_run .*dryrun/);
    expect(await refused('{"engines":["two"]}')).to.equal('400 there is no engine two');
  });
});
