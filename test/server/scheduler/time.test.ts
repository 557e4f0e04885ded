import { expect } from 'chai';
import { onBothStores } from '../store/bothStores.ts';
import { known, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, start, type Workshop } from './workshop.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

onBothStores('with time', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  it('a delayed run starts when its time has come, and not before', async () => {
    const run = await shop.trigger(await shop.job(), { scheduledAt: start + minute });
    await shop.pass(minute - 1);
    expect(await shop.take()).to.equal(undefined);
    await shop.pass(1);
    expect(await shop.work(run)).to.include({ state: 'completed', attempt: 1 });
  });

  it('a run that came late waits for the next execution window', async () => {
    const job = await shop.job({ executionWindowCron: '0 * * * *', runTtlSecs: 24 * 3600 });
    shop.jump(minute);
    const run = await shop.trigger(job);
    expect(run.scheduledAt).to.equal(start + hour);
    await shop.pass(hour + 30 * minute);
    expect(await shop.run(run)).to.include({ state: 'delayed', scheduledAt: start + 2 * hour });
    await shop.pass(29 * minute);
    expect(await shop.state(run)).to.equal('queued');
  });

  it('a run that cannot start in time expires; one that was tried does not', async () => {
    const job = await shop.job({ maxConcurrency: 1 });
    const first = await shop.trigger(job, { ttlSecs: 1 });
    const held = await known(shop.take());
    const waiting = await shop.trigger(job, { ttlSecs: 60 });
    const later = await shop.trigger(job, { scheduledAt: start + 2 * minute, ttlSecs: 60 });
    await shop.pass(minute - 1);
    expect(await shop.state(waiting)).to.equal('queued');
    await shop.pass(1);
    expect(await shop.run(waiting)).to.include({ state: 'expired', reason: 'expired', error: 'run expired' });
    expect(await shop.state(later)).to.equal('delayed');
    await shop.end(held, 'endpoint_failed');
    await shop.pass(10 * minute);
    expect(await shop.state(first)).to.equal('queued');
    expect(await shop.state(later)).to.equal('expired');
    expect(await shop.work(first)).to.include({ state: 'completed' });
  });

  const strategies = {
    exponential: [{}, [1, 2, 4]],
    linear: [{ retryStrategy: 'linear' }, [1, 2, 3]],
    fixed: [{ retryStrategy: 'fixed', retryDelaysSecs: [5] }, [5, 5, 5]],
    custom: [{ retryStrategy: 'custom', retryDelaysSecs: [2, 1] }, [2, 1, 1]],
  } as const;
  for (const [name, [definition, pauses]] of Object.entries(strategies))
    it(`${name} retries come after ${pauses.join(', ')} s, up to a fifth sooner or later`, async () => {
      const { retryDelaysSecs = [], ...rest } = definition as { retryDelaysSecs?: readonly number[] };
      const job = await shop.job({ ...rest, retryDelaysSecs: [...retryDelaysSecs], maxAttempts: 4 });
      const run = await shop.trigger(job);
      for (const secs of pauses) {
        const failed = await shop.work(run, 'endpoint_failed');
        expect(failed).to.include({ state: 'queued', reason: 'endpoint_failed' });
        const pause = (failed.nextRetryAt ?? 0) - shop.now();
        expect(pause).to.be.within(secs * 800, secs * 1200);
        await shop.pass(pause - 1);
        expect(await shop.take()).to.equal(undefined);
        await shop.pass(1);
      }
      expect(await shop.work(run, 'endpoint_failed')).to.include({ state: 'dead_letter', attempt: 4 });
      expect((await shop.attempts(run)).map(({ state }) => state)).to.deep.equal(Array(4).fill('failed'));
    });

  it('what cannot be mended is not tried again, and each end has its name', async () => {
    const job = await shop.job({ maxAttempts: 2, retryStrategy: 'fixed' });
    const ends = {
      endpoint_denied: 'dead_letter',
      endpoint_reported: 'failed',
      endpoint_refused: 'dead_letter',
    };
    for (const [reason, state] of Object.entries(ends))
      expect(await shop.work(await shop.trigger(job), reason as keyof typeof ends)).to.include({
        state,
        reason,
      });
    const twice = { endpoint_timeout: 'timed_out', endpoint_silent: 'crashed', endpoint_busy: 'dead_letter' };
    for (const [reason, state] of Object.entries(twice)) {
      const run = await shop.trigger(job);
      await shop.work(run, reason as keyof typeof twice);
      await shop.pass(2 * second);
      expect(await shop.work(run, reason as keyof typeof twice)).to.include({ state, reason });
    }
  });

  it('a clock that is set back starts nothing twice and loses nothing', async () => {
    const job = await shop.job({ cron: '* * * * *' });
    await shop.pass(minute);
    const [tick] = await store.read.openRuns(job.id, 10);
    const retried = await shop.work(await known(Promise.resolve(tick)), 'endpoint_failed');
    await shop.pass(-30 * 24 * hour);
    expect(await store.read.openRuns(job.id, 10)).to.have.length(1);
    expect(await shop.work(retried)).to.include({ state: 'completed' });
    await shop.pass(30 * 24 * hour);
    expect(await store.read.openRuns(job.id, 10)).to.have.length(0);
    await shop.pass(minute);
    expect(await store.read.openRuns(job.id, 10)).to.have.length(1);
  });
});

onBothStores('a schedule', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(async () => {
    await shop.close();
    for (const { jobId } of await store.write((tx) => tx.dueTicks(Number.MAX_SAFE_INTEGER, 100)))
      await store.write((tx) => tx.setSchedule(jobId, null));
  });
  after(() => store.remove());

  const openRuns = async (id: string) => (await store.read.openRuns(id, 10)).map(({ state }) => state);

  it('ticks once a minute, however many look at it', async () => {
    const job = await shop.job({ cron: '* * * * *', timezone: 'Europe/Berlin' });
    const other = openWorkshop(store);
    shop.jump(minute);
    other.jump(minute);
    await Promise.all([shop.pass(0), other.pass(0), shop.pass(0)]);
    const [run] = await store.read.openRuns(job.id, 10);
    expect(run).to.include({ trigger: 'cron', state: 'queued' });
    expect(await openRuns(job.id)).to.have.length(1);
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.have.length(2);
  });

  it('with overlap skip leaves out what would overlap', async () => {
    const job = await shop.job({ cron: '* * * * *', overlapPolicy: 'skip' });
    await shop.pass(minute);
    const [run] = await store.read.openRuns(job.id, 10);
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.deep.equal(['queued']);
    await shop.work(await known(Promise.resolve(run)));
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.deep.equal(['queued']);
  });

  it('with overlap cancel_running stops what is under way', async () => {
    const job = await shop.job({ cron: '* * * * *', overlapPolicy: 'cancel_running' });
    await shop.pass(minute);
    const running = await known(shop.take());
    const delayed = await shop.trigger(job, { scheduledAt: start + hour });
    await shop.pass(minute);
    expect(shop.interrupted).to.deep.equal([running.run.id]);
    expect(await shop.end(running, 'canceled')).to.include({ state: 'canceled', reason: 'superseded' });
    expect(await openRuns(job.id)).to.deep.equal(['delayed', 'queued']);
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.deep.equal(['delayed', 'queued']);
    expect(await shop.state(delayed)).to.equal('delayed');
  });

  it('goes well together with a supersede policy', async () => {
    const image = { source: { account: 'a', repo: 'r' }, dockerfile: 'Dockerfile', ref: 'main' };
    const rules = { supersedePolicy: 'cancel_queued', overlapPolicy: 'cancel_running' } as const;
    const job = await shop.job({ image, cron: '* * * * *', ...rules });
    await shop.pass(minute);
    const running = await known(shop.take('engine'));
    for (let ticks = 0; ticks < 2; ticks++) await shop.pass(minute);
    expect(await openRuns(job.id)).to.deep.equal(['running', 'queued']);
    expect(shop.interrupted).to.deep.equal([running.run.id]);
  });

  it('makes up for what was missed once, or not at all', async () => {
    for (const [missedTicks, runs] of [
      ['one', 1],
      ['none', 0],
    ] as const) {
      const own = openWorkshop(store, { missedTicks });
      const job = await own.job({ cron: '*/5 * * * *' });
      await own.pass(3 * hour + 2 * minute);
      expect(await openRuns(job.id), missedTicks).to.have.length(runs);
      await own.pass(3 * minute);
      expect(await openRuns(job.id), missedTicks).to.have.length(runs + 1);
      await own.close();
    }
  });

  it('goes on where a tick makes no run, and ends where it cannot be read', async () => {
    const job = await shop.job({ cron: '* * * * *', rateLimitMax: 1, rateLimitWindowSecs: 90 });
    await shop.pass(minute);
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.have.length(1);
    expect(shop.reports).to.deep.equal(['a tick made no run']);
    await shop.pass(minute);
    expect(await openRuns(job.id)).to.have.length(2);
    const lost = await shop.job({ cron: '* * * * *' });
    const definition = { ...lost.definition, timezone: 'No/Where' };
    const ids = { versionId: 'ver_lost', versionRowId: 'lost', slug: lost.slug, updatedBy: null };
    await store.write((tx) => tx.changeJob(lost, { ...ids, definition, now: shop.now() }));
    await shop.pass(minute);
    expect(shop.reports).to.include('the schedule of a job cannot be read: it ticks no more');
  });

  it('of a paused job has one tick in store, and of a disabled one none', async () => {
    const [paused, disabled] = [await shop.job({ cron: '* * * * *' }), await shop.job({ cron: '* * * * *' })];
    await store.write((tx) => tx.setJobFlags([paused.id], { paused: true }, shop.now()));
    await store.write((tx) => tx.setJobFlags([disabled.id], { enabled: false }, shop.now()));
    for (let ticks = 0; ticks < 3; ticks++) await shop.pass(minute);
    expect(await openRuns(paused.id)).to.deep.equal(['queued']);
    expect(await openRuns(disabled.id)).to.deep.equal([]);
  });
});
