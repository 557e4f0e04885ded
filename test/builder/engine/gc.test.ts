import { expect } from 'chai';
import { shortId } from '../../../builder/model/imageId.ts';
import type { Mark } from '../../../builder/model/spec.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import {
  createInventoryTaker,
  type Inventory,
  type KnownImage,
} from '../../../builder/steps/engine/gc/inventory.ts';
import { planRemoval, type RemovalPlan, type RemovalRules } from '../../../builder/steps/engine/gc/plan.ts';
import { removeOurs } from '../../../builder/steps/engine/gc/removeOurs.ts';
import type { TestEngine } from '../../fixtures/engine.ts';
import { build, newMark, sharedBed } from './builds.ts';

const stay: RemovalRules = { keep: () => undefined, expire: () => undefined, budget: undefined };
const mega = 1_000_000;
const bigFile = (name: string, megabytes: number) =>
  `RUN dd if=/dev/urandom of=/${name} bs=1000000 count=${megabytes} 2>/dev/null`;

describe('the clean-up of an engine', () => {
  let engine: Engine;
  let test: TestEngine;
  let store: string;
  let known: KnownImage[];

  before(async () => {
    ({ engine, test } = await sharedBed());
  });
  beforeEach(() => {
    store = newMark().store;
    known = [];
  });
  afterEach(async () => {
    const containers = (await test.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (containers.length > 0) await test.docker('rm', '-f', '-v', ...containers);
  });

  /** Builds, and remembers what was made as a server does. */
  async function made(dockerfile: string, tags: string[], mark: Mark = { ...newMark(), store }) {
    const { attempt } = mark;
    const remember = (id: string, names: string[], isLayer: boolean) => {
      const now = Date.now();
      known.push({ id, attempt, names, isLayer, madeAt: now, usedAt: now });
    };
    const traces = {
      bases: () => {},
      layer(id: string, cached: boolean) {
        const before = known.find((one) => one.id === id);
        if (!cached) remember(id, [], true);
        else if (before) Object.assign(before, { attempt, usedAt: Date.now() });
      },
    };
    const { result, fault } = await build(engine, { dockerfile, tags, mark, traces });
    if (!result) throw new Error(`nothing was built: ${fault?.message}`);
    remember(shortId(result.id), tags, false);
    return { id: result.id, mark };
  }

  const stock = (): Promise<Inventory> => createInventoryTaker(engine, store)(known);

  async function clean(rules: Partial<RemovalRules>): Promise<RemovalPlan & { stayed: string[] }> {
    const plan = planRemoval(await stock(), { ...stay, ...rules });
    const stayed: string[] = [];
    for (const { image } of plan.removals)
      if ((await removeOurs(engine, image)) !== undefined) stayed.push(image.id);
    return { ...plan, stayed };
  }

  async function idsThere(): Promise<string[]> {
    return (await test.docker('images', '--all', '--quiet', '--no-trunc')).split('\n');
  }

  const all = { expire: () => 'it is to go' };
  const reasons = ({ left }: RemovalPlan) => left.map(({ image, why }) => `${image.id} ${why}`);

  it('removes the oldest above the budget with its steps, and leaves the engine as before', async () => {
    const before = await idsThere();
    const one = await made(`FROM busybox\n${bigFile('one', 2)}\n${bigFile('two', 1)}\n`, [
      'acme/gc:1',
      'acme/gc:2',
    ]);
    const two = await made(`FROM busybox\n${bigFile('one', 3)}\n`, ['acme/gc:3']);
    const { images, ledger } = await stock();
    expect(images.map(({ id }) => id)).to.include.members([one.id, two.id]);
    expect(images.filter(({ isLayer }) => isLayer)).to.have.length(3);
    expect(ledger.used).to.be.within(6 * mega, 6.1 * mega);
    const plan = await clean({ budget: { highBytes: 5 * mega, lowBytes: 4 * mega } });
    expect(plan.stayed).to.deep.equal([]);
    expect(plan.removals[0]?.image)
      .to.include({ id: one.id })
      .and.to.have.deep.property('names')
      .of.length(2);
    expect(plan.removals.reduce((sum, { bytes }) => sum + bytes, 0)).to.be.within(3 * mega, 3.1 * mega);
    expect(plan.bytesAfter).to.equal((await stock()).ledger.used);
    expect(await idsThere())
      .to.include(two.id)
      .and.not.to.include(one.id);
    expect((await clean(all)).bytesAfter).to.equal(0);
    expect(await idsThere()).to.have.members(before);
  });

  it('counts a shared layer once, and not what a stranger holds too', async () => {
    const steps = `FROM busybox\n${bigFile('shared', 2)}\n`;
    await made(steps, ['acme/shared:1']);
    await made(`${steps}RUN echo more > /more\n`, ['acme/shared:2']);
    expect((await stock()).ledger.used).to.be.within(2 * mega, 2.1 * mega);
    const container = await test.docker('create', 'acme/shared:1', 'true');
    await test.docker('commit', container, 'stranger:shared');
    await test.docker('rm', container);
    expect((await stock()).ledger.used).to.be.lessThan(0.1 * mega);
    const { left, removals } = await clean(all);
    expect(removals.length).to.be.greaterThan(0);
    expect(left.map(({ why }) => why)).to.include('another image is made of it');
    await test.docker('rmi', 'stranger:shared');
    expect((await clean(all)).bytesAfter).to.equal(0);
    expect((await stock()).images).to.deep.equal([]);
  });

  it('takes only its own names from an image that somebody else has named', async () => {
    const { id } = await made('FROM busybox\nENV A=named\n', ['acme/named:1', 'acme/named:2']);
    await test.docker('tag', id, 'neighbour/named:1');
    const plan = await clean(all);
    expect(reasons(plan)).to.include(`${id} it has a name of others`);
    expect(await test.docker('images', '--quiet', '--no-trunc', 'neighbour/named:1')).to.equal(id);
    expect(await test.docker('images', '--quiet', 'acme/named')).to.equal('');
    expect((await clean(all)).removals).to.deep.equal([]);
    await test.docker('rmi', 'neighbour/named:1');
  });

  it('leaves what a name was given to after it looked', async () => {
    const { id } = await made('FROM busybox\nENV A=late\n', ['acme/late:1']);
    const { removals } = planRemoval(await stock(), { ...stay, ...all });
    await test.docker('tag', id, 'neighbour/late:1');
    const [first] = removals;
    expect(first && (await removeOurs(engine, first.image))).to.equal('it has a name of others');
    expect(await test.docker('images', '--quiet', '--no-trunc', 'neighbour/late')).to.equal(id);
    await test.docker('rmi', 'neighbour/late:1');
  });

  it('leaves what a container, a stranger, or an image that is kept was made of', async () => {
    const used = await made('FROM busybox\nENV A=used\n', ['acme/used:1']);
    await test.docker('create', 'acme/used:1', 'true');
    const base = await made('FROM busybox\nENV A=base\n', ['acme/base:1']);
    const kept = await made('FROM acme/base:1\nENV B=kept\n', ['acme/kept:1']);
    const plan = await clean({
      ...all,
      keep: ({ id }) => (id === kept.id ? 'it is the newest' : undefined),
    });
    expect(reasons(plan)).to.include.members([
      `${used.id} a container uses it`,
      `${base.id} another image is made of it`,
      `${kept.id} it is the newest`,
    ]);
    expect(await idsThere()).to.include.members([used.id, base.id, kept.id]);
    const gone = await clean({ ...all, keep: ({ id }) => (id === used.id ? 'not now' : undefined) });
    expect(gone.removals.map(({ image }) => image.id)).to.include.members([kept.id, base.id]);
  });

  it('takes no word of a step for its own image that was there before', async () => {
    const { id } = await made('FROM busybox\nENV A=mine\n', ['acme/mine:1']);
    await test.docker('tag', id, 'neighbour/other:1');
    const container = await test.docker('create', 'busybox', 'true');
    const foreign = await test.docker('commit', container);
    const now = Date.now();
    const claim = { id: shortId(foreign), attempt: newMark().attempt, names: [], isLayer: true };
    known = [{ ...claim, madeAt: now + 7_200_000, usedAt: now }];
    expect((await stock()).images.map((image) => image.id)).not.to.include(foreign);
    expect(await idsThere()).to.include(foreign);
    await test.docker('rmi', foreign, 'neighbour/other:1', 'acme/mine:1');
  });
});
