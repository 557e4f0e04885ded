import { expect } from 'chai';
import type { BuildResult } from '../../../builder/model/spec.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { archived, failed, started, succeeded } from '../../../server/words/transitions/running.ts';
import { cancelRequested } from '../../../server/words/transitions/waiting.ts';
import { isUuid, uuid7 } from '../../../server/words/uuid7.ts';
import { someImage } from '../../fixtures/image.ts';
import { onBothStores } from './bothStores.ts';
import { addRun, known, nothingDone, take, type TemporaryStore } from './temporaryStore.ts';

const engineLost = { reason: 'engine_lost', error: 'gone' } as const;
const result: BuildResult = { commit: 'c0ffee', images: [someImage] };

onBothStores('the store', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const taken = async (now?: number) => known(store.write((tx) => take(tx, now)));

  it('has an id, and answers', async () => {
    expect(isUuid(store.id)).to.equal(true);
    await store.read.ping();
  });

  it('gives a run back as it was inserted, with its first attempt in line', async () => {
    const request = { depth: 3, bobfile: 'Bobfile' };
    const run = await store.write((tx) =>
      addRun(tx, { request, ref: 'v1', priority: 4, trigger: 'webhook' }),
    );
    expect(run).to.deep.include({
      state: 'queued',
      request,
      ref: 'v1',
      priority: 4,
      trigger: 'webhook',
      attempt: 1,
    });
    expect(await store.read.run(run.id)).to.deep.equal(run);
    expect(await store.read.run(uuid7())).to.equal(undefined);
    const [attempt, ...others] = await store.read.attempts(run.id);
    expect(attempt).to.deep.include({
      runId: run.id,
      number: 1,
      state: 'queued',
      priority: 4,
      availableAt: 1000,
    });
    expect(others).to.deep.equal([]);
    expect(await store.read.attempt(attempt?.id ?? '')).to.deep.equal(attempt);
  });

  it('claims by priority, then by age', async () => {
    const [low, high, alsoLow] = await store.write(async (tx) => [
      await addRun(tx),
      await addRun(tx, { priority: 9 }),
      await addRun(tx),
    ]);
    const order = [await taken(), await taken(), await taken()].map(({ run }) => run.id);
    expect(order).to.deep.equal([high, low, alsoLow].map((run) => run?.id));
    expect(await store.write((tx) => take(tx))).to.equal(undefined);
  });

  it('shows the running attempts, the oldest lease first', async () => {
    await store.write(async (tx) => [await addRun(tx), await addRun(tx)]);
    const [one, two] = [await taken(3000), await taken(2000)];
    const running = await store.read.runningAttempts();
    expect(running.map(({ id }) => id)).to.deep.equal([two.attempt.id, one.attempt.id]);
    expect(running[0]).to.deep.equal(two.attempt);
  });

  it('renews a lease and records progress for its holder only', async () => {
    await store.write((tx) => addRun(tx));
    const { run, attempt } = await taken();
    const progress = {
      phase: 'build' as const,
      commit: 'abc',
      firstLine: 1,
      phases: [{ phase: 'clone' as const, startedAt: 1 }],
    };
    const lease = attempt.leaseId ?? '';
    expect(await store.write((tx) => tx.renewLease(attempt.id, uuid7(), 99))).to.equal(false);
    expect(await store.write((tx) => tx.renewLease(attempt.id, lease, 99))).to.equal(true);
    expect(await store.write((tx) => tx.recordProgress(attempt.id, uuid7(), progress))).to.equal(false);
    expect(await store.read.run(run.id)).to.deep.equal(run);
    expect(await store.write((tx) => tx.recordProgress(attempt.id, lease, progress))).to.equal(true);
    expect(await store.read.run(run.id)).to.deep.include({ phase: 'build', commit: 'abc' });
    const kept = await known(store.read.attempt(attempt.id));
    expect(kept).to.deep.include({ leaseExpiresAt: 99, firstLine: 1, phases: progress.phases, steps: [] });
    await store.write((tx) => tx.recordProgress(attempt.id, lease, { commit: 'def' }));
    expect(await store.read.run(run.id)).to.deep.include({ phase: 'build', commit: 'def' });
    expect(await store.read.attempt(attempt.id)).to.deep.equal(kept);
  });

  it('finishes an attempt once', async () => {
    await store.write((tx) => addRun(tx));
    const { run, attempt } = await taken();
    const end = succeeded(run, attempt, result, { ...nothingDone, lastLine: 7 }, 5000);
    expect(await store.write((tx) => tx.apply(run, attempt, end, uuid7()))).to.equal(true);
    expect(await store.write((tx) => tx.apply(run, attempt, end, uuid7()))).to.equal(false);
    const after = await known(store.read.run(run.id));
    expect(after).to.deep.include({
      state: 'completed',
      phase: null,
      result,
      commit: 'c0ffee',
      completedAt: 5000,
    });
    expect(await store.read.attempt(attempt.id)).to.deep.include({
      state: 'succeeded',
      finishedAt: 5000,
      lastLine: 7,
    });
  });

  it('changes nothing for a holder who lost the lease', async () => {
    await store.write((tx) => addRun(tx));
    const { run, attempt } = await taken();
    const end = succeeded(run, attempt, result, nothingDone, 5000);
    const stranger = { ...attempt, leaseId: uuid7() };
    expect(await store.write((tx) => tx.apply(run, stranger, end, uuid7()))).to.equal(false);
    expect(await store.read.run(run.id)).to.deep.equal(run);
    expect(await store.read.attempt(attempt.id)).to.deep.equal(attempt);
  });

  it('puts the next attempt in line when one may help', async () => {
    await store.write((tx) => addRun(tx, { priority: 3 }));
    const { run, attempt } = await taken();
    const change = failed(run, attempt, engineLost, nothingDone, retryPlanOf({}, 0), 5000);
    const nextId = uuid7();
    expect(await store.write((tx) => tx.apply(run, attempt, change, nextId))).to.equal(true);
    expect(await store.read.run(run.id)).to.deep.include({ state: 'queued', attempt: 2, countedAttempts: 2 });
    const expected = { number: 2, state: 'queued', priority: 3, queuedAt: 5000, availableAt: 6000 };
    expect(await store.read.attempt(nextId)).to.deep.include(expected);
    expect((await store.read.attempts(run.id)).map(({ number }) => number)).to.deep.equal([1, 2]);
    // The run is queued once more, but it is not the attempt that an older look at it knew.
    const queuedBefore = { ...run, state: 'queued' as const };
    expect(
      await store.write((tx) => tx.apply(queuedBefore, undefined, started(queuedBefore, 1), uuid7())),
    ).to.equal(false);
  });

  it('cancels a queued run, and notes the wish on a running one', async () => {
    const run = await store.write((tx) => addRun(tx));
    const [queued] = await store.read.attempts(run.id);
    if (!queued) throw new Error('no attempt');
    const change = cancelRequested(run, queued, 3000);
    if (!change) throw new Error('nothing to cancel');
    const { run: busy, attempt } = await taken();
    expect(await store.write((tx) => tx.apply(run, queued, change, uuid7())), 'claimed meanwhile').to.equal(
      false,
    );
    expect(await store.read.run(run.id)).to.deep.equal(busy);
    const wish = cancelRequested(busy, attempt, 3000);
    expect(await store.write((tx) => tx.apply(busy, attempt, wish ?? { run: {} }, uuid7()))).to.equal(true);
    expect(await store.read.run(run.id)).to.deep.equal({
      ...busy,
      cancelRequestedAt: 3000,
      cancelReason: 'canceled',
    });
  });

  it('archives an ended run once', async () => {
    await store.write((tx) => addRun(tx));
    const { run, attempt } = await taken();
    const end = succeeded(run, attempt, result, nothingDone, 5000);
    await store.write((tx) => tx.apply(run, attempt, end, uuid7()));
    expect(await store.read.archivable(5000, 10)).to.deep.equal([]);
    const [ended] = await store.read.archivable(5001, 10);
    if (!ended) throw new Error('nothing to archive');
    expect(await store.write((tx) => tx.apply(ended, undefined, archived(ended, 8000), ''))).to.equal(true);
    expect(await store.write((tx) => tx.apply(ended, undefined, archived(ended, 9000), ''))).to.equal(false);
    expect(await store.read.archivable(9000, 10)).to.deep.equal([]);
    expect(await store.read.run(run.id)).to.deep.include({ archivedAt: 8000 });
    expect(await store.read.countRuns({ archived: true })).to.equal(1);
  });

  it('knows a delivery that it has seen', async () => {
    const run = await store.write(async (tx) => {
      const id = uuid7();
      expect(await tx.recordDelivery('github', 'd1', id, 1)).to.equal(undefined);
      return addRun(tx, { id });
    });
    expect(await store.write((tx) => tx.recordDelivery('github', 'd1', uuid7(), 2))).to.equal(run.id);
    expect(await store.write((tx) => tx.recordDelivery('travis', 'd1', uuid7(), 3))).to.equal(undefined);
    await store.write((tx) => tx.forgetDeliveries(2));
    expect(await store.write((tx) => tx.recordDelivery('github', 'd1', uuid7(), 4))).to.equal(undefined);
    expect(await store.write((tx) => tx.recordDelivery('travis', 'd1', uuid7(), 4))).not.to.equal(undefined);
  });

  it('keeps secrets until they are deleted', async () => {
    const run = await store.write((tx) => addRun(tx));
    await store.write((tx) => tx.setSecret(run.id, 'api_token', 'one'));
    await store.write((tx) => tx.setSecret(run.id, 'api_token', 'two'));
    expect(await store.read.secret(run.id, 'api_token')).to.equal('two');
    expect(await store.read.secret(run.id, 'other')).to.equal(undefined);
    await store.write((tx) => tx.deleteSecrets(run.id));
    expect(await store.read.secret(run.id, 'api_token')).to.equal(undefined);
  });

  it('keeps leftovers of an engine until they are removed', async () => {
    const left = { engine: 'one', attemptId: uuid7(), createdAt: 4 };
    await store.write((tx) => tx.addLeftover(left));
    await store.write((tx) => tx.addLeftover({ ...left, createdAt: 5 }));
    expect(await store.read.leftovers('one')).to.deep.equal([left]);
    expect(await store.read.leftovers('two')).to.deep.equal([]);
    await store.write((tx) => tx.removeLeftover('one', left.attemptId));
    expect(await store.read.leftovers('one')).to.deep.equal([]);
  });

  it('numbers engines by their names', async () => {
    const numbers = await store.write(async (tx) => [
      await tx.ensureEngine('one', 1),
      await tx.ensureEngine('two', 1),
      await tx.ensureEngine('one', 2),
    ]);
    expect(numbers).to.deep.equal([1, 2, 1]);
  });

  it('keeps the images of a run, on an engine that need not be known before', async () => {
    await store.write((tx) => addRun(tx));
    const { run, attempt } = await taken();
    await store.write((tx) => tx.insertImages(run, attempt.id, 'three', [someImage, someImage], 1));
    expect(await store.write((tx) => tx.ensureEngine('three', 1))).to.equal(2);
  });
});
