import { expect } from 'chai';
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../../../server/store/migrations/list.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { addRun, temporaryFolder } from './temporaryStore.ts';

describe('opening a store', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function refusal(place = folder): Promise<string> {
    const store = await openSqliteStore(place).catch((error: unknown) => String(error));
    if (typeof store === 'string') return store;
    await store.close();
    return 'opened';
  }

  function edit(sql: string): void {
    const database = new DatabaseSync(join(folder, 'store.sqlite'));
    database.exec(sql);
    database.close();
  }

  it('makes it where there is none, and finds it again with the same id', async () => {
    const inside = join(folder, 'data');
    const first = await openSqliteStore(inside);
    const run = await first.write((tx) => addRun(tx));
    await first.close();
    expect(statSync(inside).mode & 0o777).to.equal(0o700);
    const second = await openSqliteStore(inside);
    expect(second.id).to.equal(first.id);
    expect(await second.read.run(run.id)).to.deep.equal(run);
    await second.close();
    expect(readdirSync(inside).toSorted()).to.deep.equal(['store.lock', 'store.sqlite']);
  });

  it('is refused while it is open, and possible after the close', async () => {
    const store = await openSqliteStore(folder);
    expect(await refusal()).to.include('is in use by another docker-builder');
    await store.close();
    expect(await refusal()).to.equal('opened');
  });

  it('is refused where a newer program wrote it, and leaves it as it is', async () => {
    expect(await refusal()).to.equal('opened');
    edit('INSERT INTO migrations (number, applied_at) VALUES (1000, 0)');
    const newer = `the store has schema 1000, this docker-builder knows ${migrations.length}`;
    expect(await refusal()).to.include(newer);
    edit('DELETE FROM migrations WHERE number = 1000');
    expect(await refusal()).to.equal('opened');
  });

  it('is refused with a sentence where the file is no database', async () => {
    writeFileSync(
      join(folder, 'store.sqlite'),
      'something else, long enough to be looked at as a header of a file'.repeat(20),
    );
    expect(await refusal()).to.match(/the store .*store\.sqlite cannot be opened: file is not a database/);
  });

  it('is refused with a sentence where the folder cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    expect(await refusal(join(file, 'data'))).to.include(
      `the data folder ${join(file, 'data')} cannot be made`,
    );
  });

  it('never gives the number of a deleted row again', async () => {
    const store = await openSqliteStore(folder);
    const run = await store.write((tx) => addRun(tx));
    await store.close();
    edit('DELETE FROM attempts; DELETE FROM runs');
    const again = await openSqliteStore(folder);
    expect((await again.write((tx) => addRun(tx))).key).to.equal(run.key + 1);
    await again.close();
  });
});
