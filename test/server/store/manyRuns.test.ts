import { expect } from 'chai';
import type { NewRun } from '../../../server/store/contract/runs.ts';
import type { Job } from '../../../server/words/job.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, take, type TemporaryStore } from './temporaryStore.ts';

onBothStores('many runs at once', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const job = (slug: string, maxConcurrency = 0) =>
    store.write((tx) => addJob(tx, { slug, ...(maxConcurrency > 0 && { definition: { maxConcurrency } }) }));

  /** Runs of several jobs, keys and states, more than one statement takes. */
  const wishes = (jobs: readonly Job[]): NewRun[] =>
    Array.from({ length: 43 }, (_, n) => {
      const of = jobs[n % jobs.length];
      if (!of) throw new Error('there is no job');
      const key = n % 3 === 0 && { concurrencyKey: `k${n % 2}` };
      const payload = n % 4 > 0 && { payload: `{"n":${n}}`, payloadHash: `${n}` };
      const state = n % 7 === 6 ? 'waiting' : 'queued';
      const names = { id: uuid7(), attemptId: uuid7(), job: of, queue: n % 5 === 0 ? 'slow' : 'default' };
      const course = { state, priority: n % 11, trigger: 'cron', maxAttempts: 3, timeoutMs: 1000 } as const;
      return { ...names, ...course, ref: 'main', request: {}, createdAt: 1000 + n, ...key, ...payload };
    });

  /** The order in which they are claimed, and what is known of each. */
  async function outcome(made: readonly NewRun[]): Promise<unknown> {
    const order: number[] = [];
    for (;;) {
      const taken = await store.write((tx) => take(tx));
      if (!taken) break;
      order.push(made.findIndex(({ id }) => id === taken.run.id));
    }
    const facts = [];
    for (const { id } of made) {
      const { id: _, key: __, jobId: ___, slug, ...run } = (await store.read.run(id)) ?? {};
      const attempts = await store.read.attempts(id);
      const { payload } = await store.read.runBody(id);
      facts.push({ ...run, slug: slug?.slice(1), payload, ranks: attempts.map(({ rank }) => rank) });
    }
    return { order, facts };
  }

  it('are the same as one after another, also in what they may do', async () => {
    const [first, second] = [
      [await job('1a', 2), await job('1b')],
      [await job('2a', 2), await job('2b')],
    ];
    const together = wishes(first);
    const runs = await store.write((tx) => tx.insertRuns(together));
    expect(runs.map(({ id }) => id)).to.deep.equal(together.map(({ id }) => id));
    for (const run of runs) expect(await store.read.run(run.id)).to.deep.equal(run);
    expect(runs.map(({ key }) => key)).to.deep.equal(runs.map(({ key }) => key).toSorted((a, b) => a - b));
    const atOnce = await outcome(together);
    const single = wishes(second);
    for (const wish of single) await store.write((tx) => tx.insertRun(wish));
    expect(await outcome(single)).to.deep.equal(atOnce);
    for (const states of [['waiting'], ['queued'], ['running']] as const)
      expect(await store.read.countRuns({ slug: '1a', states }), states[0]).to.equal(
        await store.read.countRuns({ slug: '2a', states }),
      );
    expect(await store.write((tx) => tx.insertRuns([]))).to.deep.equal([]);
  });

  it('of a job that is held back open nothing, and start when it may go', async () => {
    const held = await job('held', 1);
    await store.write((tx) => tx.setJobFlags([held.id], { paused: true }, 2000));
    const made = wishes([held]).filter(({ state, queue }) => state === 'queued' && queue === 'default');
    await store.write((tx) => tx.insertRuns(made));
    expect(await store.write((tx) => take(tx))).to.equal(undefined);
    await store.write((tx) => tx.setJobFlags([held.id], { paused: false }, 2000));
    expect(await store.write((tx) => take(tx))).not.to.equal(undefined);
    expect(await store.write((tx) => take(tx)), 'one at a time').to.equal(undefined);
  });
});
