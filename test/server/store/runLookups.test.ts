import { expect } from 'chai';
import type { Job } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { succeeded, traced } from '../../../server/words/transitions/running.ts';
import { cancelRequested, rescheduled } from '../../../server/words/transitions/waiting.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import {
  addJob,
  addRun,
  known,
  newestAttempt,
  nothingDone,
  type RunWish,
  take,
  type TemporaryStore,
} from './temporaryStore.ts';

onBothStores('what is asked about runs', (open) => {
  let store: TemporaryStore;
  let job: Job;
  beforeEach(async () => {
    store = await open();
    job = await store.write((tx) => addJob(tx));
  });
  afterEach(() => store.remove());

  const add = (wish: RunWish = {}) => store.write((tx) => addRun(tx, { job, ...wish }));
  const idsOf = (runs: readonly Run[]) => runs.map(({ id }) => id);
  const again = ({ id }: Run) => known(store.read.run(id));

  /** Ends a run that has not started. */
  async function end(run: Run, now = 5000): Promise<Run> {
    await store.write(async (tx) => {
      const attempt = await newestAttempt(tx, run.id);
      const change = await known(Promise.resolve(cancelRequested(run, attempt, now)));
      expect(await tx.apply(run, attempt, change, '')).to.equal(true);
    });
    return again(run);
  }

  it('gives everything back that a run was made with', async () => {
    const wish = {
      state: 'delayed',
      queue: 'night',
      tags: { team: 'web' },
      metadata: { trace: '1' },
      parentRunId: uuid7(),
      lineageDepth: 2,
      payload: '{"a": 1}',
      payloadHash: 'abc',
      scheduledAt: 2000,
      expiresAt: 9000,
      idempotencyKey: 'idem',
      concurrencyKey: 'conc',
      debounceKey: 'deb',
      batchId: uuid7(),
      createdBy: 'apikey:1',
    } as const;
    const run = await add(wish);
    const { payload, ...kept } = wish;
    expect(run).to.deep.include({ ...kept, attempt: 0, countedAttempts: 0, jobId: job.id, slug: 'site' });
    expect(await store.read.run(run.id)).to.deep.equal(run);
    expect(await store.read.attempts(run.id)).to.deep.equal([]);
    expect(await store.read.runBody(run.id)).to.deep.equal({ payload, output: null });
    const plain = await add();
    expect(await store.read.run(plain.id)).to.deep.equal(plain);
    expect(plain).to.deep.include({ tags: {}, metadata: {}, payloadHash: null, lineageDepth: 0 });
  });

  it('keeps what a run was given and gave back, beside it', async () => {
    const [one, two, three] = [await add(), await add({ payload: '1' }), await add()];
    await store.write((tx) => tx.setOutput(one.id, '{"ok":true}'));
    await store.write((tx) => tx.setOutput(two.id, '2'));
    await store.write((tx) => tx.setPayload(two.id, '3', 'hash'));
    const bodies = await store.read.runBodies([three.id, two.id, uuid7(), one.id]);
    const none = { payload: null, output: null };
    expect(bodies).to.deep.equal([
      none,
      { payload: '3', output: '2' },
      none,
      { payload: null, output: '{"ok":true}' },
    ]);
    expect(await again(two)).to.deep.include({ payloadHash: 'hash' });
  });

  it('changes all that a transition may change', async () => {
    await add();
    const { run, attempt } = await known(store.write((tx) => take(tx)));
    const trace = {
      queueWaitMs: 1,
      dequeueMs: 1,
      connectMs: 1,
      ttfbMs: 1,
      transferMs: 1,
      dispatchMs: 3,
      totalMs: 4,
    };
    const beat = { run: { heartbeatAt: 2500 } };
    expect(await store.write((tx) => tx.apply(run, attempt, beat, ''))).to.equal(true);
    const done = traced(succeeded(run, attempt, null, nothingDone, 3000), trace);
    expect(await store.write((tx) => tx.apply(run, attempt, done, ''))).to.equal(true);
    expect(await again(run)).to.deep.include({
      executionTrace: trace,
      heartbeatAt: 2500,
      state: 'completed',
    });
    const delayed = await add({ state: 'delayed', scheduledAt: 2000 });
    await store.write((tx) => tx.apply(delayed, undefined, rescheduled(delayed, 7000), ''));
    expect(await again(delayed)).to.deep.include({ scheduledAt: 7000 });
  });

  it('finds the newest ended run, also of a key', async () => {
    expect(await store.read.newestEndedRun(job.id)).to.equal(undefined);
    const keyed = await end(await add({ idempotencyKey: 'k', metadata: { dependency_key: 'd' } }));
    const newer = await end(await add());
    await add({ idempotencyKey: 'k', metadata: { dependency_key: 'd' } });
    expect(await store.read.newestEndedRun(job.id)).to.deep.equal(newer);
    expect(await store.read.newestEndedRun(job.id, { idempotencyKey: 'k' })).to.deep.equal(keyed);
    expect(await store.read.newestEndedRun(job.id, { dependencyKey: 'd' })).to.deep.equal(keyed);
    expect(await store.read.newestEndedRun(job.id, { dependencyKey: 'k' })).to.equal(undefined);
    expect(await store.read.newestEndedRun(uuid7())).to.equal(undefined);
  });

  it('finds when the n-th newest run was made', async () => {
    for (const createdAt of [10, 20, 30]) await add({ createdAt });
    const times = [1, 2, 3, 4].map((n) => store.read.createdAtOfNewest(job.id, n));
    expect(await Promise.all(times)).to.deep.equal([30, 20, 10, undefined]);
  });

  it('finds the newest run with a payload, not before a time', async () => {
    const [older, newer] = [
      await add({ payloadHash: 'h', createdAt: 10 }),
      await add({ payloadHash: 'h', createdAt: 20 }),
    ];
    await add({ createdAt: 30 });
    expect(await store.read.runByPayload(job.id, 'h', 20)).to.deep.equal(newer);
    expect(await store.read.runByPayload(job.id, 'h', 21)).to.equal(undefined);
    expect(await store.read.runByPayload(job.id, 'x', 0)).to.equal(undefined);
    expect(older.id).not.to.equal(newer.id);
  });

  it('finds the open run of an idempotency key, of which there is one at most', async () => {
    const run = await add({ idempotencyKey: 'k' });
    expect(await store.read.runByIdempotencyKey(job.id, 'k')).to.deep.equal(run);
    const twice = await add({ idempotencyKey: 'k' }).catch((error: unknown) => error);
    expect(twice).to.be.instanceOf(Error);
    await end(run);
    expect(await store.read.runByIdempotencyKey(job.id, 'k')).to.equal(undefined);
    const next = await add({ idempotencyKey: 'k' });
    expect(await store.read.runByIdempotencyKey(job.id, 'k')).to.deep.equal(next);
  });

  it('finds the delayed run of a debounce key', async () => {
    const run = await add({ state: 'delayed', scheduledAt: 2000, debounceKey: 'k' });
    await add({ debounceKey: 'k' });
    expect(await store.read.debouncedRun(job.id, 'k')).to.deep.equal(run);
    await end(run);
    expect(await store.read.debouncedRun(job.id, 'k')).to.equal(undefined);
  });

  it('finds what is open of a job and of a key, the oldest first', async () => {
    const other = await store.write((tx) => addJob(tx, { slug: 'other' }));
    const queued = await add({ concurrencyKey: 'a' });
    const waiting = await add({ state: 'waiting', concurrencyKey: 'a' });
    const delayed = await add({ state: 'delayed', scheduledAt: 3000 });
    const last = await add({ state: 'waiting' });
    await add({ job: other, concurrencyKey: 'a' });
    await end(await add({ concurrencyKey: 'a' }));
    const { id } = job;
    expect(idsOf(await store.read.openRunsOfKey(id, 'a'))).to.deep.equal(idsOf([queued, waiting]));
    expect(idsOf(await store.read.openRuns(id, 9))).to.deep.equal(idsOf([queued, waiting, delayed, last]));
    expect(idsOf(await store.read.openRuns(id, 2))).to.deep.equal(idsOf([queued, waiting]));
    expect(idsOf(await store.read.waitingRuns(id, { limit: 9 }))).to.deep.equal(idsOf([waiting, last]));
    const after = { afterKey: waiting.key, limit: 9 };
    expect(idsOf(await store.read.waitingRuns(id, after))).to.deep.equal([last.id]);
  });

  it('finds what is due and what has expired, the earliest first', async () => {
    const [late, early] = [
      await add({ state: 'delayed', scheduledAt: 4000, expiresAt: 9000 }),
      await add({ state: 'delayed', scheduledAt: 3000 }),
    ];
    const queued = await add({ expiresAt: 8000 });
    await end(await add({ expiresAt: 100, state: 'waiting' }));
    await end(await add({ state: 'delayed', scheduledAt: 100 }));
    expect(idsOf(await store.read.dueRuns(3999, 9))).to.deep.equal([early.id]);
    expect(idsOf(await store.read.dueRuns(4000, 9))).to.deep.equal(idsOf([early, late]));
    expect(idsOf(await store.read.dueRuns(4000, 1))).to.deep.equal([early.id]);
    expect(idsOf(await store.read.expirableRuns(9000, 9))).to.deep.equal(idsOf([queued, late]));
    expect(await store.read.expirableRuns(7999, 9)).to.deep.equal([]);
    expect(await store.read.nextDueAt()).to.equal(3000);
    // What was tried once does not expire any more.
    await store.write((tx) => take(tx));
    expect(idsOf(await store.read.expirableRuns(9000, 9))).to.deep.equal([late.id]);
  });
});
