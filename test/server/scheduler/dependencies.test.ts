import { expect } from 'chai';
import { cancel } from '../../../server/room/cancel.ts';
import { settleWaitingRuns } from '../../../server/room/schedule/waiting.ts';
import { preview } from '../../../server/room/submit/preview.ts';
import type { Job } from '../../../server/words/job.ts';
import { succeeded } from '../../../server/words/transitions/running.ts';
import { onBothStores } from '../store/bothStores.ts';
import { known, nothingDone, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, payload, start, type Workshop } from './workshop.ts';

const hour = 3_600_000;

onBothStores('a run that depends on others', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  let parent: Job;
  let child: Job;
  before(async () => (store = await open()));
  beforeEach(async () => {
    shop = openWorkshop(store);
    [parent, child] = [await shop.job({ maxAttempts: 1 }), await shop.job()];
  });
  afterEach(() => shop.close());
  after(() => store.remove());

  it('waits until one of the other job has completed, and then runs', async () => {
    await shop.dependency(child, parent);
    const run = await shop.trigger(child);
    expect(run).to.include({ state: 'waiting', attempt: 0, expiresAt: start + 24 * hour });
    expect(await shop.take()).to.equal(undefined);
    const wish = { job: { id: child.id }, trigger: 'api' as const };
    expect((await preview(shop.room, wish)).state).to.equal('waiting');
    await shop.work(await shop.trigger(parent));
    expect(await shop.state(run)).to.equal('queued');
    expect((await preview(shop.room, wish)).state).to.equal('queued');
    expect(await shop.work(run)).to.include({ state: 'completed' });
    expect(await shop.trigger(child)).to.include({ state: 'queued' });
  });

  it('is canceled with a reason where the other one ends in another way', async () => {
    await shop.dependency(child, parent);
    const run = await shop.trigger(child);
    const failing = await shop.trigger(parent);
    await shop.work(failing, 'endpoint_denied');
    const after = await shop.run(run);
    expect(after).to.include({ state: 'canceled', reason: 'dependency_unmet' });
    expect(after.error).to.include(failing.id).and.to.include('dead_letter');
    // A new one waits for the next run of the other job: that it failed before says nothing.
    expect(await shop.trigger(child)).to.include({ state: 'waiting' });
  });

  it('with condition failed is queued at once where the newest one failed', async () => {
    await shop.dependency(child, parent, 'failed');
    await shop.work(await shop.trigger(parent), 'endpoint_denied');
    expect(await shop.trigger(child)).to.include({ state: 'queued' });
  });

  it('hears of every end: expired, canceled, and of those that wait in turn', async () => {
    const grandchild = await shop.job();
    const always = await shop.job();
    await shop.dependency(child, parent);
    await shop.dependency(grandchild, child);
    await shop.dependency(always, grandchild, 'any');
    const runs = [await shop.trigger(child), await shop.trigger(grandchild), await shop.trigger(always)];
    const first = await shop.trigger(parent, { ttlSecs: 1 });
    await shop.pass(1000);
    expect(await shop.state(first)).to.equal('expired');
    expect(await Promise.all(runs.map(shop.state))).to.deep.equal(['canceled', 'canceled', 'queued']);
    const again = await shop.trigger(child);
    await cancel(shop.room, (await shop.trigger(parent)).id);
    expect(await shop.state(again)).to.equal('canceled');
  });

  it('looks at runs with its own key only', async () => {
    await shop.dependency(child, parent);
    const byKey = await shop.trigger(child, { idempotencyKey: 'k' });
    const byMetadata = await shop.trigger(child, payload({ dependency_key: 'd' }));
    await shop.work(await shop.trigger(parent));
    expect(await shop.state(byKey)).to.equal('waiting');
    expect(await shop.state(byMetadata)).to.equal('waiting');
    await shop.work(await shop.trigger(parent, payload({ dependency_key: 'd' })));
    expect(await shop.state(byMetadata)).to.equal('queued');
    await shop.work(await shop.trigger(parent, { idempotencyKey: 'other' }), 'endpoint_denied');
    expect(await shop.state(byKey)).to.equal('waiting');
    await shop.work(byMetadata);
    await shop.work(await shop.trigger(parent, { idempotencyKey: 'k' }));
    expect(await shop.state(byKey)).to.equal('queued');
  });

  it('waits for all of them, and then for its time', async () => {
    const other = await shop.job();
    await shop.dependency(child, parent);
    await shop.dependency(child, other);
    const run = await shop.trigger(child);
    const later = await shop.trigger(child, { scheduledAt: start + hour });
    await shop.work(await shop.trigger(parent));
    expect(await shop.state(run)).to.equal('waiting');
    await shop.work(await shop.trigger(other));
    expect(await shop.state(run)).to.equal('queued');
    expect(await shop.run(later)).to.include({ state: 'delayed', scheduledAt: start + hour });
    await shop.work(run);
    await shop.pass(hour);
    expect(await shop.state(later)).to.equal('queued');
  });

  it('waits for ever for nothing', async () => {
    await shop.dependency(child, parent);
    const short = await shop.trigger(child, { ttlSecs: 60 });
    const long = await shop.trigger(child);
    await shop.pass(60_000);
    expect(await shop.state(short)).to.equal('expired');
    await shop.pass(24 * hour);
    expect(await shop.state(long)).to.equal('expired');
  });

  it('is one of very many that are all told', async () => {
    await shop.dependency(child, parent);
    const runs = [];
    for (let count = 0; count < 205; count++) runs.push(shop.trigger(child, { priority: 1 }));
    await Promise.all(runs);
    await shop.work(await shop.trigger(parent));
    const told = await store.read.openRuns(child.id, 300);
    expect(told).to.have.length(205);
    expect(new Set(told.map(({ state }) => state))).to.deep.equal(new Set(['queued']));
  });

  it('is found by whoever looks later where a server died in between', async () => {
    await shop.dependency(child, parent);
    const waiting = await shop.trigger(child);
    await shop.trigger(parent);
    const held = await known(shop.take());
    shop.jump(1000);
    // The end as the store alone knows it, without what follows from it.
    const end = succeeded(held.run, held.attempt, null, nothingDone, shop.now());
    await store.write((tx) => tx.apply(held.run, held.attempt, end, ''));
    expect(await shop.state(waiting)).to.equal('waiting');
    await settleWaitingRuns(shop.room);
    expect(await shop.state(waiting)).to.equal('queued');
  });
});
