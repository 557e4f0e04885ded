import { expect } from 'chai';
import type { Engine } from '../../builder/steps/engine/engine.ts';
import { sweepLeftovers } from '../../server/room/recover.ts';
import { build, sharedBed } from '../builder/engine/builds.ts';
import type { TestEngine } from '../fixtures/engine.ts';
import { temporaryStore, type TemporaryStore } from './store/temporaryStore.ts';

const attemptId = '0190aaaa-0000-7000-8000-000000000001';
const begin = 1_000_000;

describe('what a dead attempt left on an engine', () => {
  let engine: Engine;
  let test: TestEngine;
  let store: TemporaryStore;
  let now: number;

  before(async () => {
    ({ engine, test } = await sharedBed());
  });
  beforeEach(async () => {
    store = await temporaryStore();
    now = begin;
    await store.write((tx) => tx.addLeftover({ engine: engine.name, attemptId, createdAt: begin }));
  });
  afterEach(() => store.remove());

  const sweep = () => sweepLeftovers({ store, now: () => now }, engine);
  const left = async () => (await store.read.leftovers(engine.name)).length;
  const makeImage = async () => {
    const mark = { store: store.id, attempt: attemptId };
    const { result } = await build(engine, { dockerfile: 'FROM busybox\nENV A=1\n', mark });
    return result?.id ?? '';
  };
  const images = () => test.docker('images', '--all', '--quiet', '--no-trunc');

  it('goes also where the engine makes it after the first sweep', async () => {
    await sweep();
    const late = await makeImage();
    expect(await images()).to.contain(late);
    now += 59_999;
    await sweep();
    expect(await images()).to.not.contain(late);
    expect(await left()).to.equal(1);
    now += 1;
    await sweep();
    expect(await left()).to.equal(0);
  });

  it('is forgotten also where the clock was set back', async () => {
    now -= 3_600_000;
    const late = await makeImage();
    await sweep();
    expect(await images()).to.not.contain(late);
    expect(await left()).to.equal(0);
  });
});
