import { expect } from 'chai';
import { openPostgresStore, type PostgresOptions } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { CommitUnknown, StoreUnavailable } from '../../../server/words/storeUnavailable.ts';
import { startPostgres, type TestPostgres } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';
import { addRun } from '../store/temporaryStore.ts';

type Answer = 'done' | 'unavailable' | 'unknown' | Error;

/** What came of it; anything but a store that is away is an error. */
function come(work: Promise<unknown>): Promise<Answer> {
  return work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof CommitUnknown) return 'unknown';
      return error instanceof StoreUnavailable ? 'unavailable' : (error as Error);
    },
  );
}

describe('a store whose database is away', () => {
  let cluster: TestPostgres;
  let proxy: CuttingProxy;
  let stores: Store[];

  before(async () => {
    cluster = await startPostgres({ durable: 'stop' });
    proxy = await startCuttingProxy(`${cluster.folder}/.s.PGSQL.5432`);
  });
  beforeEach(() => (stores = []));
  afterEach(async () => {
    proxy.thaw();
    proxy.delay(0);
    await Promise.all(stores.map((store) => store.close()));
  });
  after(async () => {
    await proxy?.close();
    await cluster?.close();
  });

  async function open(
    options: PostgresOptions = {},
    user = 'postgres',
    database = 'postgres',
  ): Promise<Store> {
    const url = `postgres://${user}@127.0.0.1:${proxy.port}/${database}?sslmode=disable`;
    const store = await openPostgresStore(url, options);
    stores.push(store);
    return store;
  }

  const write = (store: Store) => come(store.write((tx) => addRun(tx)));
  const works = (store: Store) =>
    waitFor('the store to answer', async () => {
      const [read, written] = [await come(store.read.ping()), await write(store)];
      return read === 'done' && written === 'done';
    });

  it('refuses at once while it is stopped, however many ask, is read while it is a standby, and goes on when that is promoted', async () => {
    const store = await open();
    await works(store);
    cluster.stop();
    const before = process.memoryUsage().heapUsed;
    const asked = Array.from({ length: 1000 }, (_, index) =>
      index % 2 === 0 ? write(store) : come(store.read.countRuns({})),
    );
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['unavailable']));
    expect(process.memoryUsage().heapUsed - before).to.be.below(100_000_000);
    await cluster.start('standby');
    await waitFor('it to be read', async () => (await come(store.read.ping())) === 'done');
    expect(await write(store)).to.equal('unavailable');
    await cluster.script('SELECT pg_promote()');
    await works(store);
  });

  it('lets so many wait, and nobody for long, where it is slow', async () => {
    const patience = { most: 10, ms: 100 };
    const store = await open({ patience });
    await works(store);
    proxy.delay(30);
    const asked = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0 ? write(store) : come(store.read.countRuns({})),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer instanceof Error)).to.deep.equal([]);
    expect(answers.filter((answer) => answer === 'done').length).to.be.within(1, 60);
    proxy.delay(0);
    await works(store);
  });

  it('finds out that nothing comes through, for writes, questions and hints', async () => {
    const store = await open({ writeMs: 300, readMs: 300, connectMs: 300 });
    await works(store);
    proxy.freeze();
    expect(await Promise.all([write(store), come(store.read.ping())])).to.deep.equal([
      'unavailable',
      'unavailable',
    ]);
    expect(await Promise.all([write(store), come(store.read.ping())])).to.deep.equal([
      'unavailable',
      'unavailable',
    ]);
    proxy.thaw();
    await works(store);
  });

  it('says that nobody knows where the answer to a commit was lost', async () => {
    const store = await open();
    await works(store);
    proxy.swallowAnswersTo('COMMIT\0', 'close');
    expect(await write(store)).to.equal('unknown');
    await works(store);
  });

  it('is only unavailable where there are no connections left, and goes on when there are', async () => {
    await cluster.script('CREATE ROLE crowd LOGIN CONNECTION LIMIT 8');
    await cluster.script('CREATE DATABASE crowded OWNER crowd');
    const store = await open({ maxReaders: 30 }, 'crowd', 'crowded');
    await works(store);
    const answers = await Promise.all(Array.from({ length: 40 }, () => come(store.read.countRuns({}))));
    expect(new Set(answers)).to.deep.equal(new Set(['done', 'unavailable']));
    await cluster.script('ALTER ROLE crowd CONNECTION LIMIT 60');
    await works(store);
    await waitFor('all to be answered', async () => {
      const later = await Promise.all(Array.from({ length: 40 }, () => come(store.read.countRuns({}))));
      return later.every((answer) => answer === 'done');
    });
  });

  it('is only unavailable to a work that stood in the way of another, or came too late for a lock', async () => {
    const store = await open();
    await works(store);
    for (const [code, name] of [
      ['40P01', 'deadlock_detected'],
      ['40001', 'serialization_failure'],
      ['55P03', 'lock_not_available'],
    ]) {
      await cluster.script(`CREATE OR REPLACE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$;
        CREATE OR REPLACE TRIGGER in_the_way BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION stand_in_the_way()`);
      expect(await write(store), name).to.equal('unavailable');
    }
    await cluster.script('DROP TRIGGER in_the_way ON runs');
    await works(store);
  });
});
