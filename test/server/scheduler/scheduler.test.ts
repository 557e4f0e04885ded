import { expect } from 'chai';
import { type Scheduler, startScheduler } from '../../../server/room/schedule/scheduler.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { known, temporaryStore, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const minute = 60_000;

describe('the scheduler', () => {
  let store: TemporaryStore;
  let shop: Workshop;
  let scheduler: Scheduler;
  beforeEach(async () => {
    store = await temporaryStore();
    shop = openWorkshop(store);
    scheduler = startScheduler(shop.room);
  });
  afterEach(async () => {
    await scheduler.stop();
    await store.remove();
  });

  it('does what is due when it is woken: delayed runs, retries, ticks, and what expires', async () => {
    const cron = await shop.job({ cron: '* * * * *' });
    const job = await shop.job({ retryStrategy: 'fixed', retryDelaysSecs: [30] });
    const retried = await shop.trigger(job);
    await shop.work(retried, 'endpoint_failed');
    const delayed = await shop.trigger(job, { scheduledAt: shop.now() + minute });
    const paused = await shop.job({ queue: 'paused' });
    await store.write((tx) => tx.setQueue({ name: 'paused', paused: true, maxRunning: null }, shop.now()));
    const waiting = await shop.trigger(paused, { ttlSecs: 60 });
    shop.jump(minute);
    scheduler.wake();
    await waitFor('the tick', async () => (await store.read.openRuns(cron.id, 1)).length === 1);
    await waitFor('the delayed run', async () => (await shop.state(delayed)) === 'queued');
    await waitFor('the expired run', async () => (await shop.state(waiting)) === 'expired');
    const taken = [await known(shop.take()), await known(shop.take()), await known(shop.take())];
    expect(taken.map(({ run }) => run.id)).to.include.members([retried.id, delayed.id]);
  });

  it('fires a crowd of ticks, more than one transaction takes', async () => {
    const jobs = await Promise.all(Array.from({ length: 260 }, () => shop.job({ cron: '* * * * *' })));
    shop.jump(minute);
    scheduler.wake();
    await waitFor('all runs', async () => (await store.read.countRuns({ states: ['queued'] })) === 260);
    for (const job of jobs) expect(await store.read.openRuns(job.id, 2)).to.have.length(1);
  });

  it('goes on after a failure', async () => {
    const run = await shop.trigger(await shop.job(), { scheduledAt: shop.now() + minute });
    const { write } = shop.room.store;
    shop.room.store.write = async () => {
      shop.room.store.write = write;
      throw new Error('the disk is full');
    };
    shop.jump(minute);
    await waitFor('the run', async () => {
      scheduler.wake();
      return (await shop.state(run)) === 'queued';
    });
    expect(shop.reports).to.deep.equal(['scheduling failed; it is tried again']);
  });
});
