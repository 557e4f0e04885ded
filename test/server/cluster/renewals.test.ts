import { expect } from 'chai';
import type { HeldAttempt } from '../../../server/store/contract/runs.ts';
import type { Shared } from '../../../server/store/contract/shared.ts';
import { started, succeeded } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { addRun, known, nothingDone, type TemporaryStore, temporaryStore } from '../store/temporaryStore.ts';

const now = 1000;
const mostTogether = 20;

describe('renewals of leases, beside the order of writes', () => {
  let store: TemporaryStore;
  let shared: Shared;
  before(async () => {
    store = await temporaryStore('PostgreSQL');
    if (!store.shared) throw new Error('nobody shares the store');
    shared = store.shared;
  });
  after(() => store?.remove());

  /** Attempts that run, each under a lease of its own. */
  function begun(count: number): Promise<HeldAttempt[]> {
    return store.write(async (tx) => {
      const held: HeldAttempt[] = [];
      for (let n = 0; n < count; n++) await addRun(tx, { createdAt: now });
      for (let n = 0; n < count; n++) {
        const claim = { place: 'engine', engine: 'one', leaseId: uuid7(), leaseExpiresAt: now + 1 } as const;
        const one = await known(tx.claimAttempt(claim, now));
        await tx.applyHeld(one, started(one.run, now), '');
        held.push(one);
      }
      return held;
    });
  }

  const renew = ({ attempt: { id, leaseId } }: HeldAttempt, until: number) =>
    shared.renewLease(id, leaseId ?? '', until);

  const end = ({ attempt }: HeldAttempt) =>
    store.write(
      async (tx) => {
        const held = await tx.heldAttempt(attempt);
        if (held)
          await tx.applyHeld(held, succeeded(held.run, attempt, { images: [] }, nothingDone, now + 5), '');
        return held !== undefined;
      },
      { holds: attempt },
    );

  it('are in the way of no end, also of many that are stored together', async () => {
    for (let round = 0; round < 5; round++) {
      const held = await begun(mostTogether);
      let isOver = false;
      const renewing = held.map(async (one) => {
        let until = now + 2;
        while (!isOver) await renew(one, until++);
      });
      const ends = await Promise.all(held.map(end));
      isOver = true;
      await Promise.all(renewing);
      expect(ends).to.deep.equal(held.map(() => true));
      expect(await Promise.all(held.map((one) => renew(one, now)))).to.deep.equal(held.map(() => false));
      for (const { attempt } of held)
        expect(await store.read.attempt(attempt.id)).to.include({ state: 'succeeded', finishedAt: now + 5 });
    }
  });

  it('save the lease from whoever saw it before, or are refused: never both', async () => {
    const held = await begun(mostTogether);
    const both = held.map(async (one) => {
      const adopted = () => store.write((tx) => tx.adoptAttempt(one.attempt, uuid7(), now + 9));
      return Promise.all([renew(one, now + 7), adopted()]);
    });
    for (const [isRenewed, isTaken] of await Promise.all(both)) expect(isRenewed).to.equal(!isTaken);
  });

  it('bring no lease back that was given up meanwhile', async () => {
    const [one] = await begun(1);
    if (!one) throw new Error('nothing was begun');
    const { id, leaseId } = one.attempt;
    expect(await renew(one, now + 7)).to.equal(true);
    expect(await store.write((tx) => tx.renewLease(id, leaseId ?? '', 0))).to.equal(true);
    expect(await renew(one, now + 8)).to.equal(false);
    expect(await store.read.attempt(id)).to.include({ state: 'running', leaseExpiresAt: 0 });
  });
});
