import { expect } from 'chai';
import { type Ahead, createAhead } from '../../../server/room/schedule/ahead.ts';
import { draftOf } from '../../../server/room/schedule/draft.ts';
import { fireDueTicks } from '../../../server/room/schedule/ticks.ts';
import type { Job, JobDefinition } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { onBothStores } from '../store/bothStores.ts';
import { changeJob, known, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, start, type Workshop } from './workshop.ts';

const minute = 60_000;
const tick = start + minute;

onBothStores('ticks that were read ahead', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  let ahead: Ahead;
  beforeEach(async () => {
    store = await open();
    shop = openWorkshop(store);
    ahead = createAhead(shop.room);
  });
  afterEach(() => store.remove());

  const cron = (definition: JobDefinition = {}) => shop.job({ cron: '* * * * *', ...definition });
  const fire = () => fireDueTicks(shop.room, 100, ahead);
  const runsOf = (job: Job) => store.read.openRuns(job.id, 10);
  const ended = (run: Run) => shop.work(run);

  /** Two seconds before the tick. */
  async function lookAhead(): Promise<void> {
    shop.jump(minute - 2000);
    await ahead.look(tick, tick);
    shop.jump(2000);
  }

  it('make their runs as others do, and are read once', async () => {
    const jobs = [];
    for (let n = 0; n < 30; n++) jobs.push(await cron({ timezone: 'Europe/Berlin', tags: { n: `${n}` } }));
    await lookAhead();
    expect(await fire()).to.equal(30);
    for (const job of jobs) {
      const [run, ...others] = await runsOf(job);
      expect(others).to.deep.equal([]);
      expect(run).to.deep.include({
        trigger: 'cron',
        state: 'queued',
        createdAt: tick,
        tags: job.definition.tags,
      });
    }
    expect(await fire()).to.equal(0);
    expect(await store.read.nextScheduleAt()).to.equal(tick + minute);
    const due = await store.write((tx) => tx.dueTicks(tick + minute, 100));
    expect(due.map((one) => ahead.take(one))).to.deep.equal(Array(30).fill(undefined));
  });

  it('are known from the last seconds before, and no longer than until they are due', async () => {
    await cron();
    const [due] = await store.write((tx) => tx.dueTicks(tick, 1));
    const one = await known(Promise.resolve(due));
    await ahead.look(tick, tick);
    expect(ahead.take(one), 'a minute before').to.equal(undefined);
    shop.jump(minute - 2000);
    await ahead.look(tick, shop.now());
    expect(ahead.take(one), 'something else is due').to.equal(undefined);
    await ahead.look(tick, tick);
    expect(ahead.take({ ...one, version: 2 }), 'another version').to.equal(undefined);
    ahead = createAhead(shop.room);
    await ahead.look(tick, tick);
    expect(ahead.take({ ...one, at: tick - 1 }), 'another tick').to.equal(undefined);
    ahead = createAhead(shop.room);
    await ahead.look(tick, tick);
    expect(ahead.take(one)).to.deep.include({ next: tick + minute });
  });

  it('make no run of a job that was disabled or removed since, and one of a paused job', async () => {
    const [disabled, removed, paused] = [await cron(), await cron(), await cron({ maxConcurrency: 1 })];
    const busy = await cron();
    await shop.trigger(busy);
    await lookAhead();
    await store.write(async (tx) => {
      await tx.setJobFlags([disabled.id], { enabled: false }, shop.now());
      await tx.deleteJob(removed.id, shop.now());
      await tx.setJobFlags([paused.id, busy.id], { paused: true }, shop.now());
    });
    expect(await fire()).to.equal(3);
    expect((await runsOf(busy)).map(({ trigger }) => trigger)).to.deep.equal(['api']);
    expect(await runsOf(disabled)).to.deep.equal([]);
    expect(await runsOf(removed)).to.deep.equal([]);
    expect(await runsOf(paused)).to.have.length(1);
    expect(await shop.take()).to.equal(undefined);
    shop.jump(minute);
    expect(await fire(), 'the disabled one is off the schedule').to.equal(2);
    expect(await runsOf(paused), 'what is held back is not piled up').to.have.length(1);
    await store.write((tx) => tx.setJobFlags([paused.id], { paused: false }, shop.now()));
    const [run] = await runsOf(paused);
    expect(await ended(await known(Promise.resolve(run)))).to.include({ state: 'completed' });
  });

  it('follow the newest version of a job, its schedule and what it depends on', async () => {
    const [changed, moved, child, parent] = [await cron(), await cron(), await cron(), await shop.job()];
    await lookAhead();
    await store.write(async (tx) => {
      await changeJob(tx, changed, { ...changed.definition, tags: { is: 'new' }, timezone: 'Asia/Tokyo' });
      await tx.setSchedule(moved.id, tick + 5 * minute);
    });
    await shop.dependency(child, parent);
    expect(await fire()).to.equal(2);
    const [run] = await runsOf(changed);
    expect(run).to.deep.include({ jobVersion: 2, tags: { is: 'new' } });
    expect(await runsOf(moved)).to.deep.equal([]);
    expect((await runsOf(child)).map(({ state }) => state)).to.deep.equal(['waiting']);
  });

  it('keep to the overlap policy, the rate limit and the window of their job as they are at the tick', async () => {
    const skip = await cron({ overlapPolicy: 'skip' });
    const limited = await cron({ rateLimitMax: 1, rateLimitWindowSecs: 90 });
    const window = await cron({ executionWindowCron: '30 * * * *' });
    const cancel = await cron({ overlapPolicy: 'cancel_running' });
    await lookAhead();
    for (const job of [skip, limited, cancel]) await shop.trigger(job);
    expect(await fire()).to.equal(4);
    expect(await runsOf(skip)).to.have.length(1);
    expect(await runsOf(limited)).to.have.length(1);
    expect(shop.reports).to.deep.equal(['a tick made no run']);
    expect(await runsOf(window)).to.have.length(1);
    expect((await runsOf(window))[0]).to.include({ state: 'delayed', scheduledAt: start + 30 * minute });
    expect((await runsOf(cancel)).map(({ trigger }) => trigger)).to.deep.equal(['cron']);
  });

  it('find made what the first run of a job needs, and nobody sees it', async () => {
    const jobs = [await cron({ maxConcurrency: 1 }), await cron({ queue: 'slow' })];
    const coming = () => store.read.comingTicks({ jobId: '', at: tick }, tick, 10);
    expect((await coming()).map(({ isNew }) => isNew)).to.deep.equal([true, true]);
    await lookAhead();
    expect((await coming()).map(({ isNew }) => isNew)).to.deep.equal([false, false]);
    expect(await store.read.claimable()).to.deep.equal([]);
    expect(await store.read.queueLoad('slow')).to.deep.equal({ name: 'slow', waiting: 0, running: 0 });
    expect(await fire()).to.equal(2);
    for (const job of jobs) {
      const [run] = await runsOf(job);
      expect(await ended(await known(Promise.resolve(run)))).to.include({ state: 'completed' });
    }
    await shop.trigger(await known(Promise.resolve(jobs[0])));
    await shop.trigger(await known(Promise.resolve(jobs[0])));
    expect(await shop.take()).to.not.equal(undefined);
    expect(await shop.take(), 'one at a time').to.equal(undefined);
  });

  it('prepare nothing for a job that was removed or changed meanwhile', async () => {
    const [removed, changed] = [await cron(), await cron()];
    const drafts = await Promise.all([removed, changed].map((job) => draftOf(shop.room, job, tick)));
    await store.write(async (tx) => {
      await tx.deleteJob(removed.id, shop.now());
      await changeJob(tx, changed, changed.definition);
      await tx.prepareFor(drafts.flatMap((draft) => draft?.run ?? []));
    });
    const coming = await store.read.comingTicks({ jobId: '', at: tick }, tick, 10);
    expect(coming).to.deep.equal([{ jobId: changed.id, at: tick, isNew: true }]);
  });

  it('are made at their time, by what is configured then', async () => {
    const wish = { maxAttempts: 3 };
    const own = openWorkshop(store, wish);
    const job = await own.job({ cron: '* * * * *', runTtlSecs: 60 });
    const early = createAhead(own.room);
    own.jump(minute - 2000);
    await early.look(tick, tick);
    own.jump(2000 + 700);
    const due = await store.write((tx) => tx.dueTicks(own.now(), 1));
    expect(due).to.have.length(1);
    wish.maxAttempts = 5;
    expect(await fireDueTicks(own.room, 10, early)).to.equal(1);
    const [run] = await runsOf(job);
    expect(run).to.include({ maxAttempts: 5, createdAt: tick + 700, expiresAt: tick + 700 + minute });
    own.jump(minute - 2700);
    await early.look(tick + minute, tick + minute);
    own.jump(2000 + 300);
    expect(await fireDueTicks(own.room, 10, early)).to.equal(1);
    const later = (await runsOf(job)).find(({ id }) => id !== run?.id);
    const at = tick + minute + 300;
    expect(later).to.include({ maxAttempts: 5, createdAt: at, expiresAt: at + minute });
  });

  it('that come late are followed by a tick that is to come', async () => {
    const job = await cron({ cron: '*/5 * * * *' });
    shop.jump(5 * minute - 2000);
    await ahead.look(start + 5 * minute, start + 5 * minute);
    shop.jump(2000 + 17 * minute);
    expect(await fire()).to.equal(1);
    expect(await runsOf(job)).to.have.length(1);
    expect(await store.read.nextScheduleAt()).to.equal(start + 25 * minute);
  });

  it('of two servers are fired once', async () => {
    const jobs = [];
    for (let n = 0; n < 12; n++) jobs.push(await cron());
    const other = createAhead(shop.room);
    shop.jump(minute - 2000);
    await Promise.all([ahead.look(tick, tick), other.look(tick, tick)]);
    shop.jump(2000);
    const [one, two, again] = await Promise.all([
      fireDueTicks(shop.room, 8, ahead),
      fireDueTicks(shop.room, 8, other),
      fireDueTicks(shop.room, 8, other),
    ]);
    expect([one, two, again]).to.deep.equal([8, 4, 0]);
    for (const job of jobs) expect(await runsOf(job)).to.have.length(1);
  });
});
