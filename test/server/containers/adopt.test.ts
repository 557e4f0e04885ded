import { expect } from 'chai';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { failed, lost, started, succeeded } from '../../../server/words/transitions/running.ts';
import {
  addJob,
  addRun,
  known,
  nothingDone,
  storeKinds,
  type Taken,
  take,
  type TemporaryStore,
  temporaryStore,
} from '../store/temporaryStore.ts';

for (const kind of storeKinds)
  describe(`the lease of a container’s attempt on ${kind}`, () => {
    let store: TemporaryStore;
    let held: Taken;
    before(async () => {
      store = await temporaryStore(kind);
      held = await store.write(async (tx) => {
        const definition = { container: { image: 'busybox' } };
        const job = await addJob(tx, { slug: 'c', kind: 'container', definition });
        await addRun(tx, { job });
        return known(take(tx, 2000));
      });
    });
    after(() => store.remove());

    it('goes to one of those who saw it end, and the holder before has lost it', async () => {
      const { attempt } = held;
      const adopt = (leaseId: string) => store.write((tx) => tx.adoptAttempt(attempt, leaseId, 90_000));
      expect(await Promise.all([adopt('one'), adopt('other')])).to.deep.equal([true, false]);
      const now = await known(store.read.attempt(attempt.id));
      expect(now).to.deep.equal({ ...attempt, leaseId: 'one', leaseExpiresAt: 90_000 });
      expect(await store.write((tx) => tx.heldAttempt(attempt))).to.equal(undefined);
      const renew = (leaseId: string) => store.write((tx) => tx.renewLease(attempt.id, leaseId, 95_000));
      expect([await renew(attempt.leaseId ?? ''), await renew('one')]).to.deep.equal([false, true]);
    });

    it('stays where it was renewed since it was looked at, or its attempt has ended', async () => {
      const seen = await known(store.read.attempt(held.attempt.id));
      await store.write((tx) => tx.renewLease(seen.id, 'one', 99_000));
      expect(await store.write((tx) => tx.adoptAttempt(seen, 'two', 100_000))).to.equal(false);
      const renewed = { ...seen, leaseExpiresAt: 99_000 };
      const run = await known(store.read.run(seen.runId));
      await store.write((tx) => tx.apply(run, renewed, succeeded(run, renewed, null, nothingDone, 3000), ''));
      expect(await store.write((tx) => tx.adoptAttempt(renewed, 'two', 100_000))).to.equal(false);
    });

    it('belongs to an attempt that begins with the pull of its image, and ends with the code of its command', async () => {
      const { attempt, run } = held;
      expect(started({ ...run, state: 'queued' }, 5).run).to.include({ phase: 'clone' });
      expect(succeeded(run, attempt, null, nothingDone, 5).attempt).to.include({ exitCode: 0 });
      const again = (definition: { maxAttempts?: number }) => {
        const failure = { reason: 'command_failed', error: 'it ended with 1', exitCode: 1 } as const;
        return failed(run, attempt, failure, nothingDone, retryPlanOf(definition, 0), 5);
      };
      expect(again({}).run).to.include({ state: 'dead_letter', reason: 'command_failed' });
      expect(again({ maxAttempts: 3 }).next).to.deep.equal({ number: 2, availableAt: 1005 });
      expect(again({ maxAttempts: 3 }).attempt).to.include({ state: 'failed', exitCode: 1 });
      expect(lost(run, attempt, 9, 5, 'it is gone').attempt).to.include({ error: 'it is gone' });
    });
  });
