import { expect } from 'chai';
import type { Store, Tx } from '../../../server/store/store.ts';
import type { Attempt } from '../../../server/words/run.ts';
import { started, succeeded } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, addRun, changeJob, known, nothingDone, type TemporaryStore } from './temporaryStore.ts';

/** Claims and starts a run as a worker does. */
async function claim(tx: Tx, now = 2000): Promise<Attempt | undefined> {
  const wish = { place: 'http' as const, engine: null, leaseId: uuid7(), leaseExpiresAt: now + 60_000 };
  const held = await tx.claimAttempt(wish, now);
  if (held) await tx.applyHeld(held, started(held.run, now), '');
  return held?.attempt;
}

async function claimMany(tx: Tx, most: number, now = 2000): Promise<Attempt[]> {
  const wish = { place: 'http' as const, engine: null, leaseId: uuid7(), leaseExpiresAt: now + 60_000 };
  const held = await tx.claimAttempts(wish, most, now);
  for (const one of held) await tx.applyHeld(one, started(one.run, now), '');
  return held.map(({ attempt }) => attempt);
}

async function end(tx: Tx, attempt: Attempt, now = 3000): Promise<boolean> {
  const held = await tx.heldAttempt(attempt);
  if (held) await tx.applyHeld(held, succeeded(held.run, attempt, null, nothingDone, now), '');
  return held !== undefined;
}

onBothStores('an attempt that is held', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const makeJob = () => store.write((tx) => addJob(tx, { kind: 'http', definition: {} }));
  const submit = (count: number) =>
    store.write(async (tx) => {
      for (let n = 0; n < count; n++) await addRun(tx);
    });

  it('comes with its run, and ends once', async () => {
    await makeJob();
    await submit(1);
    const attempt = await known(store.write((tx) => claim(tx)));
    expect(await store.read.run(attempt.runId)).to.deep.include({ state: 'running', startedAt: 2000 });
    expect(await store.write((tx) => end(tx, attempt))).to.equal(true);
    expect(await store.write((tx) => end(tx, attempt))).to.equal(false);
    expect(await store.read.run(attempt.runId)).to.deep.include({ state: 'completed', completedAt: 3000 });
    expect(await store.read.attempt(attempt.id)).to.deep.include({ state: 'succeeded', finishedAt: 3000 });
    expect(await counts(store)).to.deep.equal({ queued: 0, running: 0, completed: 1 });
  });

  it('is taken together with those that come after it, in the order of their turns', async () => {
    const job = await makeJob();
    await submit(3);
    await store.write(async (tx) => {
      await addRun(tx, { queue: 'other', createdAt: 1500 });
      for (const concurrencyKey of ['k', 'k']) await addRun(tx, { concurrencyKey, createdAt: 1600 });
      await addRun(tx, { createdAt: 1700 });
    });
    const wish = () => ({ place: 'http', engine: null, leaseId: uuid7(), leaseExpiresAt: 60_000 }) as const;
    const taken = await store.write(async (tx) => {
      const groups = [];
      for (;;) {
        const held = await tx.claimAttempts(wish(), 5, 2000);
        for (const one of held) await tx.applyHeld(one, started(one.run, 2000), '');
        if (held.length === 0) return groups;
        groups.push(held.map(({ run }) => run.concurrencyKey ?? `${run.queue} ${run.createdAt}`));
      }
    });
    expect(taken).to.deep.equal([
      ['default 1000', 'default 1000', 'default 1000'],
      ['other 1500'],
      ['k'],
      ['k'],
      ['default 1700'],
    ]);
    expect(await store.read.countRuns({ project: job.project, states: ['running'] })).to.equal(7);
  });

  it('is asked for before its turn with others, and ends as it stands then', async () => {
    await makeJob();
    await submit(3);
    const held = await store.write(async (tx) => [await claim(tx), await claim(tx), await claim(tx)]);
    const [first, second, third] = held.filter((attempt) => attempt !== undefined);
    if (!first || !second || !third) throw new Error('they are not there');
    const ends = [first, second, first, third].map((attempt) =>
      store.write((tx) => end(tx, attempt), { holds: attempt }),
    );
    const lost = store.write((tx) => tx.renewLease(third.id, uuid7(), 1));
    expect([...(await Promise.all(ends)), await lost]).to.deep.equal([true, true, false, true, false]);
    expect(await counts(store)).to.deep.equal({ queued: 0, running: 0, completed: 3 });
  });

  it('ends with many others, alike or not, and as one of those that come meanwhile', async () => {
    await makeJob();
    await submit(60);
    const held = await store.write((tx) => claimMany(tx, 40));
    const [first, ...others] = held.slice(0, 20);
    const late: Promise<boolean>[] = [];
    const write = (attempt: Attempt, now: number) =>
      store.write((tx) => end(tx, attempt, now), { holds: attempt });
    const ends = [
      store.write(async (tx) => {
        for (const attempt of held.slice(15)) late.push(write(attempt, 4000));
        return first !== undefined && end(tx, first);
      }),
      ...others.map((attempt, index) => write(attempt, index < 12 ? 3000 : 3000 + index)),
    ];
    const failed = store.write(
      async (tx) => {
        await claimMany(tx, 10);
        throw new Error('no good');
      },
      { goesLast: true },
    );
    const [failure] = await Promise.allSettled([failed]);
    expect(failure.status).to.equal('rejected');
    expect(await Promise.all(ends)).to.deep.equal(Array<boolean>(20).fill(true));
    expect(await Promise.all(late)).to.deep.equal([
      ...Array<boolean>(5).fill(false),
      ...Array<boolean>(20).fill(true),
    ]);
    expect(await counts(store)).to.deep.equal({ queued: 20, running: 0, completed: 40 });
    const ended = await Promise.all(held.map(({ id }) => known(store.read.attempt(id))));
    const times = others.map((_, index) => (index < 12 ? 3000 : 3000 + index));
    expect(ended.map(({ finishedAt }) => finishedAt)).to.deep.equal([
      3000,
      ...times,
      ...Array<number>(20).fill(4000),
    ]);
    expect(await store.write((tx) => claimMany(tx, 40))).to.have.length(20);
  });

  it('is not held by a stranger', async () => {
    await makeJob();
    await submit(1);
    const attempt = await known(store.write((tx) => claim(tx)));
    expect(await store.write((tx) => tx.heldAttempt({ ...attempt, leaseId: uuid7() }))).to.equal(undefined);
  });

  it('counts for a limit that comes in the same commit', async () => {
    const job = await makeJob();
    await submit(6);
    const [before, , during] = await Promise.all([
      store.write(async (tx) => [await claim(tx), await claim(tx)]),
      store.write((tx) => changeJob(tx, job, { maxConcurrency: 3 })),
      store.write(async (tx) => [await claim(tx), await claim(tx)]),
    ]);
    expect([...before, ...during].map((attempt) => attempt !== undefined)).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
    const [first] = before;
    const [, , more] = await Promise.all([
      store.write(async (tx) => first && end(tx, first)),
      store.write((tx) => changeJob(tx, job, { maxConcurrency: 4 })),
      store.write(async (tx) => [await claim(tx), await claim(tx), await claim(tx)]),
    ]);
    expect(more.map((attempt) => attempt !== undefined)).to.deep.equal([true, true, false]);
    expect(await counts(store)).to.deep.equal({ queued: 1, running: 4, completed: 1 });
  });

  it('counts the others where it is lost that one was taken', async () => {
    const job = await makeJob();
    await submit(4);
    const [, failed] = await Promise.allSettled([
      store.write((tx) => claim(tx)),
      store.write(async (tx) => {
        await claim(tx);
        throw new Error('no good');
      }),
    ]);
    expect(failed.status).to.equal('rejected');
    await store.write((tx) => changeJob(tx, job, { maxConcurrency: 2 }));
    expect(await store.write((tx) => claim(tx))).not.to.equal(undefined);
    expect(await store.write((tx) => claim(tx))).to.equal(undefined);
    expect(await counts(store)).to.deep.equal({ queued: 2, running: 2, completed: 0 });
  });
});

async function counts({ read }: Store): Promise<Record<string, number>> {
  const { queued = 0, running = 0, completed = 0 } = await read.runCounts(undefined);
  return { queued, running, completed };
}
