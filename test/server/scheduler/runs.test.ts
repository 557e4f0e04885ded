import { expect } from 'chai';
import { cancel } from '../../../server/room/cancel.ts';
import { createReaper, recover } from '../../../server/room/recover.ts';
import { bulkCancel, bulkReplay } from '../../../server/room/runs/bulk.ts';
import { children } from '../../../server/room/runs/related.ts';
import { dlqReplay, replay } from '../../../server/room/runs/replay.ts';
import { reschedule } from '../../../server/room/runs/reschedule.ts';
import { setQueues } from '../../../server/room/queues/queues.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from '../store/bothStores.ts';
import { known, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, payload, refusal, start, type Workshop } from './workshop.ts';

const minute = 60_000;

onBothStores('a run', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  it('is replayed with the same payload, of the job as it is now, and without its idempotency key', async () => {
    const job = await shop.job({ maxAttempts: 1 });
    const wish = { idempotencyKey: 'k', priority: 3, tags: { a: '1' }, metadata: { m: '2' } };
    const run = await shop.trigger(job, { ...payload({ b: 1, a: 2 }), ...wish });
    await shop.work(run, 'endpoint_timeout');
    const { run: again } = await replay(shop.room, run.id, 'apikey:1');
    expect(again).to.include({ state: 'queued', trigger: 'retry', parentRunId: run.id, lineageDepth: 1 });
    expect(again).to.include({ idempotencyKey: null, priority: 3, createdBy: 'apikey:1' });
    expect(again).to.deep.include({ tags: { a: '1' }, metadata: { m: '2' }, payloadHash: run.payloadHash });
    expect((await store.read.runBody(again.id)).payload).to.equal('{"b":1,"a":2}');
    const family = await children(shop.room, run, { limit: 10 });
    expect(family.runs.map(({ id }) => id)).to.deep.equal([again.id]);
    expect(await shop.run(run)).to.include({ state: 'timed_out' });
  });

  it('is replayed only where it failed, and from the dead letters only where it is there', async () => {
    const job = await shop.job({ maxAttempts: 1 });
    const completed = await shop.work(await shop.trigger(job));
    const refused = await refusal(replay(shop.room, completed.id));
    expect(refused).to.include({ status: 400, message: 'run is not replayable' });
    expect(await refusal(dlqReplay(shop.room, completed.id))).to.include({ status: 409 });
    expect(await refusal(replay(shop.room, uuid7()))).to.include({ status: 404 });
    const dead = await shop.work(await shop.trigger(job), 'endpoint_denied');
    expect((await dlqReplay(shop.room, dead.id)).run).to.include({ parentRunId: dead.id, state: 'queued' });
    const failed = await shop.trigger(job, { priority: 9 });
    await shop.work(failed, 'endpoint_reported');
    const results = await bulkReplay(shop.room, [failed.id, completed.id]);
    expect(results.map((result) => 'problem' in result)).to.deep.equal([false, true]);
    await store.write((tx) => tx.setJobFlags([job.id], { enabled: false }, start));
    expect(await refusal(replay(shop.room, failed.id))).to.include({ code: 'job_disabled' });
  });

  it('that is delayed gets another time and payload', async () => {
    const job = await shop.job({ payloadSchema: { required: ['a'] } });
    const run = await shop.trigger(job, { ...payload({ a: 1 }), scheduledAt: start + minute, ttlSecs: 60 });
    const move = (at: number, value?: unknown, id = run.id) =>
      reschedule(shop.room, id, at, value === undefined ? undefined : payload(value).payload);
    const moved = await move(start + 3 * minute, { a: 2 });
    expect(moved).to.include({
      state: 'delayed',
      scheduledAt: start + 3 * minute,
      expiresAt: start + 4 * minute,
    });
    expect(await shop.run(run)).to.deep.equal(moved);
    expect((await store.read.runBody(run.id)).payload).to.equal('{"a":2}');
    expect(await refusal(move(start + minute, {}))).to.include({ status: 400 });
    expect(await refusal(move(1))).to.include({ status: 400 });
    expect(await refusal(move(start + minute, undefined, uuid7()))).to.include({ status: 404 });
    await shop.pass(3 * minute);
    expect(await refusal(move(start + 9 * minute))).to.include({ status: 409 });
  });

  it('is canceled at once where it waits, when its work has stopped where it runs, and once', async () => {
    const job = await shop.job();
    const [first, delayed] = [
      await shop.trigger(job),
      await shop.trigger(job, { scheduledAt: start + minute }),
    ];
    const held = await known(shop.take());
    const queued = await shop.trigger(job);
    const results = await bulkCancel(shop.room, [first.id, delayed.id, queued.id, queued.id, uuid7()]);
    const states = results.map((result) => ('run' in result ? result.run.state : result.problem.status));
    expect(states).to.deep.equal(['running', 'canceled', 'canceled', 404]);
    expect(await refusal(cancel(shop.room, queued.id))).to.include({ status: 409 });
    expect(await refusal(cancel(shop.room, uuid7()))).to.include({ status: 404 });
    expect(shop.interrupted).to.include(first.id);
    expect(await shop.end(held, 'canceled')).to.include({ state: 'canceled', reason: 'canceled' });
    expect(await shop.end(held)).to.equal(undefined);
    expect(await refusal(cancel(shop.room, first.id))).to.include({ status: 409 });
  });

  it('whose worker is gone goes again, once nobody has renewed the lease for its length, or twice', async () => {
    const run = await shop.trigger(await shop.job({ maxAttempts: 2 }));
    const held = await known(shop.take());
    // A process by itself has all the workers that there are: none of them can be gone.
    const limit = store.shared ? 60_000 : 120_000;
    let monotonic = 0;
    const reap = createReaper(shop.room, () => monotonic);
    // A clock that jumps says nothing of a worker.
    shop.jump(365 * 24 * 60 * minute);
    for (const at of [0, limit / 2, limit - 1]) {
      monotonic = at;
      await reap();
    }
    await store.write((tx) => tx.renewLease(held.attempt.id, held.leaseId, shop.now() + minute));
    monotonic = limit;
    await reap();
    expect(await shop.state(run)).to.equal('running');
    shop.jump(-365 * 24 * 60 * minute);
    monotonic = 2 * limit;
    await reap();
    expect(await shop.run(run)).to.include({ state: 'queued', reason: 'lost', attempt: 2 });
    expect(await shop.end(held)).to.equal(undefined);
    const second = await known(shop.take());
    if (!store.shared) {
      await recover(shop.room);
      expect(await shop.run(run)).to.include({ state: 'crashed', reason: 'lost' });
    } else {
      await recover(shop.room);
      expect(await shop.end(second)).to.include({ state: 'completed' });
    }
  });

  it('waits in a queue as the settings say', async () => {
    const job = await shop.job({ queue: 'slow' });
    await setQueues(shop.room, [{ name: 'slow', paused: true, maxRunning: null }]);
    const [first, second] = [await shop.trigger(job), await shop.trigger(job)];
    expect(await shop.take()).to.equal(undefined);
    await setQueues(shop.room, [{ name: 'slow', paused: false, maxRunning: 1 }]);
    const held = await known(shop.take());
    expect(held.run.id).to.equal(first.id);
    expect(await shop.take()).to.equal(undefined);
    await setQueues(shop.room, []);
    await shop.work(second);
    expect(await store.read.queues()).to.deep.equal([]);
  });
});
