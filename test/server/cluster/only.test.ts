import { expect } from 'chai';
import { only } from '../../../server/room/only.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { temporaryStore } from '../store/temporaryStore.ts';

const roomOf = (store: Store, closing = new AbortController()) => ({ store, closing });

describe('a chore that one process does at a time', () => {
  let database: FreshDatabase;
  let stores: [Store, Store];
  beforeEach(async () => {
    database = await freshDatabase();
    stores = [await openPostgresStore(database.url), await openPostgresStore(database.url)];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.giveBack();
  });

  /** Begins the chore and keeps it going until `end`. */
  async function begin(store: Store, name: string) {
    const [begun, over] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()];
    const done = only(roomOf(store), name, async (signal) => {
      begun.resolve(signal);
      await over.promise;
    });
    const signal = await begun.promise;
    return { signal, end: () => (over.resolve(), done) };
  }

  const isDone = (store: Store, name: string) => store.shared?.isDone(name);
  const tryIt = (store: Store, name: string) => only(roomOf(store), name, async () => {});

  it('is left out by all others, also in the same process, and by nobody afterwards', async () => {
    const [one, other] = stores;
    expect(await isDone(other, 'sweep')).to.equal(false);
    const first = await begin(one, 'sweep');
    expect([await tryIt(other, 'sweep'), await tryIt(one, 'sweep')]).to.deep.equal([false, false]);
    expect([await isDone(one, 'sweep'), await isDone(other, 'sweep')]).to.deep.equal([true, true]);
    expect([await tryIt(other, 'dust'), await isDone(other, 'dust')]).to.deep.equal([true, false]);
    expect(await first.end()).to.equal(true);
    expect(await tryIt(other, 'sweep')).to.equal(true);
    expect(await isDone(one, 'sweep')).to.equal(false);
  });

  it('is free again after one that failed', async () => {
    const [one, other] = stores;
    const failing = only(roomOf(one), 'sweep', () => Promise.reject(new Error('no broom')));
    expect(await failing.catch((error: unknown) => String(error))).to.equal('Error: no broom');
    expect(await tryIt(other, 'sweep')).to.equal(true);
  });

  it('is told to stop where its connection is gone, and another may begin it', async () => {
    const [one, other] = stores;
    const first = await begin(one, 'sweep');
    await database.script(`SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    await waitFor('another to begin it', () => tryIt(other, 'sweep'));
    await waitFor('the first to hear of it', () => first.signal.aborted);
    await first.end();
    expect(await tryIt(one, 'sweep')).to.equal(true);
  });

  it('ends with its server', async () => {
    const closing = new AbortController();
    const heard = only(roomOf(stores[0], closing), 'sweep', (signal) => {
      closing.abort();
      return Promise.resolve(expect(signal.aborted).to.equal(true)).then(() => undefined);
    });
    expect(await heard).to.equal(true);
  });

  it('is simply done on SQLite', async () => {
    const store = await temporaryStore('SQLite');
    expect(await tryIt(store, 'sweep')).to.equal(true);
    await store.remove();
  });
});
