import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { migrations } from '../../../server/store/migrations/list.ts';
import type { Step } from '../../../server/store/migrations/step.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { succeeded } from '../../../server/words/transitions/running.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { refusal } from './refusal.ts';
import { addRun, known, nothingDone, take, temporaryFolder } from './temporaryStore.ts';

const child = fileURLToPath(new URL('openChild.ts', import.meta.url));

/** What a version may add. */
const second: Step = {
  both: [
    `ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'`,
    'ALTER TABLE attempts ADD COLUMN weight INTEGER',
    'CREATE TABLE marks (name TEXT NOT NULL PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id))',
    'CREATE INDEX runs_by_note ON runs (note, key)',
  ],
  postgres: ['CREATE TABLE flags (name TEXT NOT NULL PRIMARY KEY)'],
};
/** What the one after it may do. */
const third: Step = { both: ['ALTER TABLE attempts DROP COLUMN weight'], postgres: [] };

const newer = { steps: [...migrations, second] };
const newest = { steps: [...migrations, second, third] };

/** That somebody said that it knows one step. */
const held = `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database AND datname = current_database()
  WHERE locktype = 'advisory' AND objsubid = 2 AND objid = 1 AND mode = 'ShareLock' AND granted`;

/** A run from its insertion to its end. */
async function doOne(store: Store): Promise<string> {
  const { id } = await store.write((tx) => addRun(tx));
  await store.write(async (tx) => {
    const { run, attempt } = await known(take(tx));
    await tx.apply(run, attempt, succeeded(run, attempt, null, nothingDone, 3000), '');
  });
  return id;
}

function begin(place: string, steps: readonly Step[] = []): ChildProcess {
  const args = [child, place, JSON.stringify(steps)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('the upgrade of a store on PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Store[];
  beforeEach(async () => {
    database = await emptyDatabase();
    opened = [];
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    await database.drop();
  });

  async function open(options = {}): Promise<Store> {
    const store = await openPostgresStore(database.url, options);
    opened.push(store);
    return store;
  }

  const close = (store: Store) => {
    opened = opened.filter((one) => one !== store);
    return store.close();
  };

  const schema = async () => (await database.script('SELECT number FROM migrations ORDER BY number')).length;

  it('is done by one of the processes that begin at once', async () => {
    const outputs = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const process = begin(database.url);
        const text: string[] = [];
        process.stdout?.setEncoding('utf8').on('data', (chunk: string) => text.push(chunk));
        const [code] = (await once(process, 'close')) as [number];
        return { code, text: text.join('') };
      }),
    );
    expect(new Set(outputs.map(({ text }) => text)).size).to.equal(1);
    expect(outputs.map(({ code }) => code)).to.deep.equal([0, 0, 0, 0]);
    expect(await schema()).to.equal(migrations.length);
  });

  it('lets the version before go on beside the new one, but not begin', async () => {
    const older = await open();
    const before = await doOne(older);
    const upgraded = await open(newer);
    expect(await schema()).to.equal(migrations.length + 1);
    for (let n = 0; n < 5; n++)
      for (const [one, other] of [
        [older, upgraded],
        [upgraded, older],
      ] as const)
        expect((await known(other.read.run(await doOne(one)))).state).to.equal('completed');
    expect(await older.read.countRuns({ states: ['completed'] })).to.equal(11);
    expect(await older.read.executions({}, [], { offset: 0, limit: 5 })).to.have.length(5);
    expect((await known(upgraded.read.run(before))).id).to.equal(before);
    expect(older.shared?.outdated.aborted).to.equal(false);
    expect(await refusal(open())).to.match(
      /^the store has schema 2, this docker-builder knows 1: start a newer/,
    );
  });

  it('goes no two steps beyond somebody who still works', async () => {
    const older = await open();
    const said =
      /says: a docker-builder that knows schema 1 still works on the store, and would not understand schema 3: stop it first, or/;
    // Not by trying: whoever comes before it is known takes the store too far for it.
    await waitFor('the older one to be known', async () => (await database.script(held)).length > 0);
    expect(await refusal(open(newest))).to.match(said);
    const between = await open(newer);
    expect(await refusal(open(newest))).to.match(said);
    await close(older);
    await open(newest);
    await doOne(between);
    expect(await schema()).to.equal(migrations.length + 2);
  });

  it('is noticed by who was cut off meanwhile, and does not understand it any more', async () => {
    const older = await open();
    await database.script('INSERT INTO migrations VALUES (2, 1), (3, 1)');
    await database.script(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'docker-builder' AND datname = current_database()`,
    );
    const told = await waitFor(
      'it to be told',
      () => older.shared?.outdated.aborted && String(older.shared.outdated.reason),
    );
    expect(told).to.include(
      'the store has schema 3 by now, this docker-builder knows 1 and works with 2 at most: start a newer one',
    );
  });

  it('leaves what was there where it is killed in the middle', async () => {
    await close(await open());
    const slow: Step = { both: [...second.both, 'SELECT pg_sleep(1)'], postgres: [] };
    const process = begin(database.url, [slow]);
    await waitFor('the step to be taken', async () => {
      const found = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1)' AND datname = current_database() AND pid <> pg_backend_pid()`;
      return (await database.script(found)).length > 0;
    });
    process.kill('SIGKILL');
    await once(process, 'close');
    const store = await open();
    expect(await schema()).to.equal(migrations.length);
    await doOne(store);
  });
});

describe('the upgrade of a store on SQLite', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps all that was there', async () => {
    const store = await openSqliteStore(folder);
    const id = await doOne(store);
    await store.close();
    const upgraded = await openSqliteStore(folder, newest);
    expect(upgraded.id).to.equal(store.id);
    expect((await known(upgraded.read.run(id))).state).to.equal('completed');
    await upgraded.close();
    expect(await refusal(openSqliteStore(folder))).to.match(
      /^the store has schema 3, this docker-builder knows 1/,
    );
  });

  it('leaves what was there where it is killed in the middle', async () => {
    await (await openSqliteStore(folder)).close();
    const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n';
    const process = begin(folder, [{ both: [...second.both, endless], postgres: [] }]);
    await waitFor('the step to be taken', () => isWritten(join(folder, 'store.sqlite')));
    process.kill('SIGKILL');
    await once(process, 'close');
    const store = await openSqliteStore(folder);
    await doOne(store);
    await store.close();
  });

  /** Whether somebody has a transaction that writes. */
  function isWritten(file: string): boolean {
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      database.exec('BEGIN IMMEDIATE');
      return false;
    } catch {
      return true;
    } finally {
      database.close();
    }
  }
});
