import { expect } from 'chai';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { createGroupCommit, type GroupCommit, type Writer } from '../../../server/store/group.ts';
import type { Transaction } from '../../../server/store/sql.ts';
import { openWriter, type SqliteWriter } from '../../../server/store/sqlite.ts';
import { temporaryFolder } from './temporaryStore.ts';

const schema = `
  CREATE TABLE owner (name TEXT NOT NULL PRIMARY KEY);
  CREATE TABLE pet (name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES owner (name) DEFERRABLE INITIALLY DEFERRED)`;

function add(name: string): (sql: Transaction) => Promise<void> {
  return (sql) => sql.script(`INSERT INTO owner (name) VALUES ('${name}')`);
}

/** The same writer, that tells of each commit. */
function counting(writer: SqliteWriter, onCommit: () => void): Writer {
  return {
    sql: writer.sql,
    get inTransaction() {
      return writer.inTransaction;
    },
    begin: () => writer.begin(),
    commit() {
      onCommit();
      writer.commit();
    },
    rollback: () => writer.rollback(),
    savepoint: () => writer.savepoint(),
    release: () => writer.release(),
    undo: () => writer.undo(),
  };
}

/** What the promise was rejected with; `done` where it was not. */
function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );
}

describe('a group commit', () => {
  let folder: string;
  let writer: SqliteWriter;
  let group: GroupCommit;
  let commits: number;
  let other: DatabaseSync;

  beforeEach(async () => {
    folder = temporaryFolder();
    const file = join(folder, 'group.sqlite');
    writer = openWriter(file);
    commits = 0;
    group = createGroupCommit(counting(writer, () => commits++));
    await group.write((sql) => sql.script(schema));
    commits = 0;
    other = new DatabaseSync(file);
  });
  afterEach(async () => {
    other.close();
    await group.close();
    writer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const owners = () =>
    other
      .prepare('SELECT name FROM owner ORDER BY name')
      .all()
      .map((row) => row['name']);
  it('commits the works of a tick together, in their order, before it answers any', async () => {
    const answers = ['c', 'a', 'b'].map((name) => group.write(add(name)).then(() => owners().length));
    expect(await Promise.all(answers)).to.deep.equal([3, 3, 3]);
    expect(commits).to.equal(1);
  });

  it('undoes only the work that throws', async () => {
    const bad = group.write(async (sql) => {
      await add('bad')(sql);
      throw new Error('no good');
    });
    const twice = group.write(async (sql) => {
      await add('twice')(sql);
      await add('twice')(sql);
    });
    const good = group.write(add('good'));
    expect(await Promise.all([bad, twice, good].map(refusal))).to.deep.equal([
      'no good',
      'UNIQUE constraint failed: owner.name',
      'done',
    ]);
    expect(owners()).to.deep.equal(['good']);
    expect(commits).to.equal(1);
  });

  it('answers all with the error where the commit fails, and goes on', async () => {
    const stray = group.write((sql) => sql.script(`INSERT INTO pet (name, owner) VALUES ('rex', 'nobody')`));
    const answers = await Promise.all([stray, group.write(add('a'))].map(refusal));
    expect(answers).to.deep.equal(Array.from({ length: 2 }, () => 'FOREIGN KEY constraint failed'));
    expect(owners()).to.deep.equal([]);
    await group.write(add('b'));
    expect(owners()).to.deep.equal(['b']);
  });

  it('answers all with the error where the database gave the transaction up, and goes on', async () => {
    const lost = group.write(async (sql) => {
      await add('lost')(sql);
      await sql.script('ROLLBACK');
      throw new Error('the disk is full');
    });
    expect(await Promise.all([lost, group.write(add('a'))].map(refusal))).to.deep.equal(
      Array(2).fill('the disk is full'),
    );
    await group.write(add('b'));
    expect(owners()).to.deep.equal(['b']);
  });

  it('stops a work that waits for something else, and refuses what it does later', async () => {
    let late: Promise<string> | undefined;
    const slow = group.write(async (sql) => {
      await add('slow')(sql);
      await nextTurn().then(nextTurn);
      late = refusal(add('late')(sql));
    });
    expect(await Promise.all([slow, group.write(add('quick'))].map(refusal))).to.deep.equal([
      'a work of store.write waited for something that is not the store: do that before or after it',
      'done',
    ]);
    while (!late) await nextTurn();
    expect(await late).to.equal('a transaction of store.write was used after its work had ended');
    expect(owners()).to.deep.equal(['quick']);
  });

  it('commits many works in several turns', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, index) => group.write(add(`owner ${index}`))));
    expect(owners()).to.have.length(300);
    expect(commits).to.equal(3);
  });

  it('writes what was asked before its end, and nothing after', async () => {
    const before = group.write(add('before'));
    const closing = group.close();
    expect(await refusal(group.write(add('after')))).to.equal(
      'the store is closed: nothing can be written any more',
    );
    await Promise.all([before, closing]);
    expect(owners()).to.deep.equal(['before']);
  });
});
