import { expect } from 'chai';
import type { JobDefinition, SupersedePolicy } from '../../../server/words/job.ts';
import { onBothStores } from '../store/bothStores.ts';
import { known, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const image = { source: { account: 'acme', repo: 'site' }, dockerfile: 'Dockerfile' };

onBothStores('a supersede policy', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  /** Three builds of main, of which the first was taken, and one of another ref; their states, as far as they go by. */
  async function three(supersedePolicy: SupersedePolicy, more: JobDefinition = {}) {
    const job = await shop.job({ image, supersedePolicy, ...more });
    const aside = await shop.trigger(job, { ref: 'other' });
    await known(shop.take('engine'));
    const first = await shop.trigger(job, { ref: 'main' });
    const held = await known(shop.take('engine'));
    expect(held.run.id).to.equal(first.id);
    const [second, third] = [
      await shop.trigger(job, { ref: 'main' }),
      await shop.trigger(job, { ref: 'main' }),
    ];
    expect(await shop.state(aside)).to.equal('running');
    const states = await Promise.all([first, second, third].map(shop.state));
    return { held, first, second, third, states };
  }

  it('queue lets all of them go, one after the other where the job says so', async () => {
    const { states } = await three('queue', { maxConcurrencyPerKey: 1 });
    expect(states).to.deep.equal(['running', 'queued', 'queued']);
    expect(await shop.take('engine')).to.equal(undefined);
  });

  it('cancel_in_progress stops what runs and cancels what waits, and says for whom', async () => {
    const { held, second, third, states } = await three('cancel_in_progress');
    expect(states).to.deep.equal(['running', 'canceled', 'queued']);
    expect(shop.interrupted).to.deep.equal([held.run.id]);
    const stopped = await known(shop.end(held, 'canceled'));
    expect(stopped).to.include({ state: 'canceled', reason: 'superseded' });
    expect(stopped.error).to.equal(`run ${second.id} took its place`);
    const replaced = await shop.run(second);
    expect(replaced).to.include({ reason: 'superseded', error: `run ${third.id} took its place` });
    expect(await shop.work(third)).to.include({ state: 'completed' });
  });

  it('cancel_in_progress does not try again what it stops', async () => {
    const { held } = await three('cancel_in_progress');
    const ended = await known(shop.end(held, 'engine_lost'));
    expect(ended).to.include({ state: 'canceled', reason: 'superseded' });
  });

  it('cancel_queued lets what runs end', async () => {
    const { held, third, states } = await three('cancel_queued');
    expect(states).to.deep.equal(['running', 'canceled', 'queued']);
    expect(shop.interrupted).to.deep.equal([]);
    expect(await shop.end(held)).to.include({ state: 'completed' });
    expect(await shop.work(third)).to.include({ state: 'completed' });
  });

  it('keep_newest_queued runs one at a time, and then the newest', async () => {
    const { held, third, states } = await three('keep_newest_queued');
    expect(states).to.deep.equal(['running', 'canceled', 'queued']);
    expect(await shop.take('engine')).to.equal(undefined);
    // What wants to be tried again gives way to the newer one.
    const again = await known(shop.end(held, 'engine_lost'));
    expect(again).to.include({
      state: 'canceled',
      reason: 'superseded',
      error: `run ${third.id} took its place`,
    });
    expect(await shop.work(third, 'engine_lost')).to.include({ state: 'queued' });
  });

  it('round_robin serves each key in turn', async () => {
    const job = await shop.job({ supersedePolicy: 'round_robin' });
    for (const concurrencyKey of ['a', 'a', 'a', 'b', 'b', 'c']) {
      await shop.trigger(job, { concurrencyKey });
      shop.jump(1000);
    }
    const order = [];
    for (let count = 0; count < 6; count++) {
      order.push((await known(shop.take())).run.concurrencyKey);
      shop.jump(1000);
    }
    expect(order).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'a']);
  });

  it('a delayed run takes its place when its time has come', async () => {
    const job = await shop.job({ supersedePolicy: 'cancel_queued' });
    const key = { concurrencyKey: 'k' };
    const delayed = await shop.trigger(job, { ...key, scheduledAt: shop.now() + 60_000 });
    const queued = await shop.trigger(job, key);
    expect(await shop.state(delayed)).to.equal('delayed');
    await shop.pass(60_000);
    expect(await shop.state(queued)).to.equal('canceled');
    expect(await shop.state(delayed)).to.equal('queued');
  });
});
