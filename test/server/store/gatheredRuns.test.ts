import { expect } from 'chai';
import fc from 'fast-check';
import type { NewRun } from '../../../server/store/contract/runs.ts';
import { migrations } from '../../../server/store/migrations/list.ts';
import { runsAreReferredBy } from '../../../server/store/statements/runs.ts';
import type { Tx } from '../../../server/store/store.ts';
import type { Job } from '../../../server/words/job.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { refusal } from './refusal.ts';
import { addJob, take, type TemporaryStore } from './temporaryStore.ts';

/** What a work does after it has inserted its run. */
const deeds = ['nothing', 'look', 'count', 'take', 'hide', 'fail', 'look and fail'] as const;
type Deed = (typeof deeds)[number];

interface Wish {
  deed: Deed;
  state: 'queued' | 'waiting';
  priority: number;
  key: 'none' | 'lane' | 'own';
  payload: 'none' | 'small' | 'large';
}

const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.record({
    deed: fc.constantFrom(...deeds),
    state: fc.constantFrom('queued', 'queued', 'waiting'),
    priority: fc.constantFrom(0, 0, 3),
    key: fc.constantFrom('none', 'none', 'lane', 'own'),
    payload: fc.constantFrom('none', 'small', 'small', 'large'),
  }),
  { minLength: 1, maxLength: 24 },
);

onBothStores('runs that works of one group insert', (open) => {
  let store: TemporaryStore;
  let jobs = 0;
  before(async () => {
    store = await open();
  });
  after(() => store?.remove());

  function runOf(job: Job, { state, priority, key, payload }: Wish, index: number): NewRun {
    const text = payload === 'large' ? JSON.stringify('x'.repeat(70_000)) : `{"n":${index}}`;
    return {
      id: uuid7(),
      attemptId: uuid7(),
      job,
      state,
      queue: job.slug,
      priority,
      trigger: 'api',
      ref: 'main',
      request: {},
      maxAttempts: 3,
      timeoutMs: 1000,
      createdAt: 1000 + index,
      ...(key === 'lane' && { concurrencyKey: 'lane' }),
      ...(key === 'own' && { idempotencyKey: `key ${index}` }),
      ...(payload !== 'none' && { payload: text, payloadHash: `${index}` }),
    };
  }

  async function work(tx: Tx, job: Job, wish: Wish, index: number): Promise<unknown> {
    const run = await tx.insertRun(runOf(job, wish, index));
    if (wish.deed.startsWith('look')) expect(await tx.run(run.id)).to.deep.equal(run);
    if (wish.deed === 'hide') {
      await tx.setSecret(run.id, 'token', 'sealed');
      return tx.secret(run.id, 'token');
    }
    if (wish.deed.endsWith('fail')) throw new Error('no good');
    if (wish.deed === 'count') return [await tx.queueLoad(job.slug), await tx.countRuns({ slug: job.slug })];
    return wish.deed === 'take' ? (await take(tx, 5000))?.run.createdAt : undefined;
  }

  /** What the works gave, and all that there is of their runs then. */
  async function outcome(
    wanted: readonly Wish[],
    ask: (works: (() => Promise<unknown>)[]) => Promise<unknown[]>,
  ): Promise<unknown> {
    const slug = `job${++jobs}`;
    const job = await store.write((tx) => addJob(tx, { slug }));
    const answers = await ask(
      wanted.map((wish, index) => () => store.write((tx) => work(tx, job, wish, index)).catch(messageOf)),
    );
    const runs = (await store.read.runs({ slug }, { limit: 100 })).toReversed();
    const facts = [];
    for (const { id, key: _, jobId: __, slug: ___, queue: ____, startedAt, ...run } of runs) {
      const [attempt] = await store.read.attempts(id);
      const body = await store.read.runBody(id);
      facts.push({ ...run, body, startedAt, rank: attempt?.rank, state: attempt?.state });
    }
    const { waiting, running } = (await store.read.queueLoad(slug)) ?? {};
    // Nothing of it is left for the next.
    for (let left: unknown = true; left;) left = await store.write((tx) => take(tx, 9000));
    const counts = await Promise.all(
      (['queued', 'running', 'waiting'] as const).map((state) =>
        store.read.countRuns({ slug, states: [state] }),
      ),
    );
    return {
      answers: JSON.parse(JSON.stringify(answers).replaceAll(slug, 'slug')) as unknown,
      facts,
      waiting,
      running,
      counts,
    };
  }

  it('are the same as those of works one after another', async () => {
    await fc.assert(
      fc.asyncProperty(wishes, async (wanted) => {
        const together = await outcome(wanted, (works) => Promise.all(works.map((one) => one())));
        const single = await outcome(wanted, async (works) => {
          const answers = [];
          for (const one of works) answers.push(await one());
          return answers;
        });
        expect(together).to.deep.equal(single);
      }),
      { numRuns: 8 },
    );
  });

  it('have keys in the order of the works, and no key twice, whatever failed between', async () => {
    const job = await store.write((tx) => addJob(tx, { slug: 'keys' }));
    const usual: Wish = { deed: 'nothing', state: 'waiting', priority: 0, key: 'none', payload: 'small' };
    const keys: number[] = [];
    for (const failing of [2, 5, 7]) {
      const made = Array.from({ length: 9 }, (_, index) =>
        store.write(async (tx) => {
          const { key, id } = await tx.insertRun(runOf(job, usual, index));
          if (index === failing) await tx.run(id);
          if (index % failing === 0) throw new Error('no good');
          return key;
        }),
      );
      const said = await Promise.all(made.map(refusal));
      expect(said.filter((one) => one !== 'done' && one !== 'no good')).to.deep.equal([]);
      for (const one of made) keys.push(...[await one.catch(() => 0)].filter((key) => key > 0));
    }
    expect(keys).to.deep.equal([...new Set(keys)].toSorted((a, b) => a - b));
    const stored = await store.read.runs({ slug: 'keys' }, { limit: 100 });
    expect(stored.map(({ key }) => key).toReversed()).to.deep.equal(keys);
  });
});

it('a new run is written before whatever refers to it', () => {
  const tables = migrations.flatMap(({ both }) => both);
  const referring = tables.flatMap((text) => {
    const [, table] = /^CREATE TABLE (\w+)/.exec(text) ?? [];
    return table && text.includes('REFERENCES runs ') ? [table] : [];
  });
  expect(referring).to.include.members(['attempts', 'secrets']);
  for (const table of referring) expect(table).to.match(runsAreReferredBy);
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no error';
}
