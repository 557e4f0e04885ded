import { expect } from 'chai';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { succeeded } from '../../../server/words/transitions/running.ts';
import { type FreshDatabase, freshDatabase } from './freshDatabase.ts';
import { addJob, addRun, known, nothingDone, take, type Taken } from './temporaryStore.ts';

const narrow = { maxConcurrency: 3, maxConcurrencyPerKey: 2 };
const [runs, claimers] = [40, 6];

describe('several processes on one PostgreSQL', () => {
  let database: FreshDatabase;
  let stores: Store[];
  beforeEach(async () => {
    database = await freshDatabase();
    stores = await Promise.all([1, 2].map(() => openPostgresStore(database.url)));
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.giveBack();
  });

  const each = <T>(count: number, work: (store: Store, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(stores.flatMap((store) => Array.from({ length: count }, (_, index) => work(store, index))));

  it('are one store, whose writes all see at once', async () => {
    const [one, other] = stores as [Store, Store];
    expect(other.id).to.equal(one.id);
    expect([one.shared, other.shared].includes(undefined)).to.equal(false);
    const run = await one.write((tx) => addRun(tx));
    expect(await other.read.run(run.id)).to.deep.equal(run);
    expect(await other.write((tx) => tx.run(run.id))).to.deep.equal(run);
  });

  it('take each attempt once, and pass no limit even for an instant', async () => {
    await each(1, (store) => store.write((tx) => addJob(tx, { slug: 'narrow', definition: narrow })));
    await each(runs / 2, (store, index) =>
      store.write((tx) => addRun(tx, { slug: 'narrow', concurrencyKey: `key ${index % 3}` })),
    );
    const taken: string[] = [];
    let most = 0;

    async function claim(store: Store): Promise<Taken | undefined> {
      return store.write(async (tx) => {
        const one = await take(tx, 2000 + taken.length);
        const now = await tx.runningAttempts();
        const ofKey = new Map<string | null, number>();
        for (const { runId } of now) {
          const { concurrencyKey } = await known(tx.run(runId));
          ofKey.set(concurrencyKey, (ofKey.get(concurrencyKey) ?? 0) + 1);
        }
        most = Math.max(most, now.length);
        expect(now.length).to.be.at.most(narrow.maxConcurrency);
        expect(Math.max(0, ...ofKey.values())).to.be.at.most(narrow.maxConcurrencyPerKey);
        return one;
      });
    }

    async function claimAll(store: Store): Promise<void> {
      while (taken.length < runs) {
        const one = await claim(store);
        if (!one) continue;
        taken.push(one.attempt.id);
        const end = succeeded(one.run, one.attempt, null, nothingDone, 3000);
        expect(await store.write((tx) => tx.apply(one.run, one.attempt, end, ''))).to.equal(true);
      }
    }

    await each(claimers, claimAll);
    expect(taken).to.have.length(runs);
    expect(new Set(taken).size).to.equal(runs);
    expect(most).to.equal(narrow.maxConcurrency);
  });

  it('lose nothing that was said to be written when their connections are cut, and go on', async () => {
    const written: string[] = [];
    let cut = 0;
    const write = async (store: Store) => {
      for (let n = 0; n < 12; n++)
        try {
          written.push((await store.write((tx) => addRun(tx))).id);
        } catch {
          cut++;
        }
    };
    const killing = async () => {
      while (cut === 0)
        await database.script(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'docker-builder' AND datname = current_database()",
        );
    };
    await Promise.all([each(2, write), killing()]);
    for (const store of stores) written.push((await store.write((tx) => addRun(tx))).id);
    const [store] = stores as [Store];
    for (const id of written) expect(await store.read.run(id), id).to.include({ id, state: 'queued' });
    expect(await store.read.countRuns({})).to.be.within(written.length, written.length + cut);
  });
});
