import { expect } from 'chai';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { copyStore } from '../../../server/store/copy/copy.ts';
import type { Source, Target } from '../../../server/store/copy/ends.ts';
import { notCopied } from '../../../server/store/copy/notCopied.ts';
import { openPostgresSource } from '../../../server/store/copy/postgresSource.ts';
import { openPostgresTarget } from '../../../server/store/copy/postgresTarget.ts';
import { openSqliteSource } from '../../../server/store/copy/sqliteSource.ts';
import { openSqliteTarget } from '../../../server/store/copy/sqliteTarget.ts';
import type { Cells, Table } from '../../../server/store/copy/table.ts';
import { storeTables } from '../../../server/store/copy/tables.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { fillStore, oddTexts } from './filledStore.ts';
import { refusal } from './refusal.ts';
import { addRun, take, temporaryFolder } from './temporaryStore.ts';

const silent = { copied() {}, verified() {}, step() {} };
const options = { now: 1, tables: storeTables() };

describe('the copy of a store', () => {
  let folders: string[];
  let databases: TestDatabase[];
  beforeEach(() => {
    folders = [];
    databases = [];
  });
  afterEach(async () => {
    for (const made of folders) rmSync(made, { recursive: true, force: true });
    for (const made of databases) await made.drop();
  });

  function folder(): string {
    const made = temporaryFolder();
    folders.push(made);
    return made;
  }

  async function database(): Promise<TestDatabase> {
    const made = await emptyDatabase();
    databases.push(made);
    return made;
  }

  async function filled(): Promise<string> {
    const made = folder();
    await fillStore(made);
    return made;
  }

  async function copy(source: Source, target: Target): Promise<number> {
    try {
      const reports = await copyStore(source, target, silent);
      await target.commit();
      return reports.reduce((sum, { rows }) => sum + rows, 0);
    } finally {
      await target.close();
      await source.close();
    }
  }

  const toPostgres = async (from: string, url: string) =>
    copy(openSqliteSource(from), await openPostgresTarget(url, options));
  const toSqlite = async (url: string, to: string) =>
    copy(await openPostgresSource(url), await openSqliteTarget(to, options));

  /** All rows of all tables, and the numbers that they go on with. */
  async function everything(source: Source): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    try {
      for (const table of storeTables()) {
        const rows: Cells[] = [];
        for await (const batch of source.rows(table)) rows.push(...batch);
        found[table.name] = { rows, last: table.numbered && (await source.lastNumber(table)) };
      }
      return found;
    } finally {
      await source.close();
    }
  }

  it('has every table that there is, but for those that are left out for a reason', async () => {
    const { url, script } = await database();
    await (await openPostgresStore(url)).close();
    const tables = storeTables().map(({ name }) => name);
    const there = await script(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    const names = there.map(({ relname }) => String(relname)).toSorted();
    expect(names).to.deep.equal([...tables, ...Object.keys(notCopied)].toSorted());
    for (const table of storeTables()) {
      const columns = await script(
        `SELECT column_name FROM information_schema.columns WHERE table_name = '${table.name}' ORDER BY ordinal_position`,
      );
      expect(columns.map(({ column_name }) => column_name)).to.deep.equal(
        table.columns.map(({ name }) => name),
      );
    }
    const file = folder();
    await (await openSqliteStore(file)).close();
    const sqlite = new DatabaseSync(join(file, 'store.sqlite'));
    const inFile = sqlite
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
      .all();
    sqlite.close();
    expect(inFile.map(({ name }) => String(name)).toSorted()).to.deep.equal(
      [...tables, 'migrations'].toSorted(),
    );
  });

  it('is the same store, there and back, with rows in every table', async () => {
    const [from, back] = [await filled(), folder()];
    const { url } = await database();
    const rows = await toPostgres(from, url);
    expect(await toSqlite(url, back)).to.equal(rows);
    const original = await everything(openSqliteSource(from));
    for (const { name } of storeTables())
      expect(original[name], name).to.have.property('rows').that.is.an('array').that.is.not.empty;
    expect(await everything(await openPostgresSource(url))).to.deep.equal(original);
    expect(await everything(openSqliteSource(back))).to.deep.equal(original);
    expect(readdirSync(back).toSorted()).to.deep.equal(['store.lock', 'store.sqlite']);
  });

  it('goes on where the store was: its queue, its lists and its numbers', async () => {
    const from = await filled();
    const { url } = await database();
    await toPostgres(from, url);
    const one = await openSqliteStore(from);
    const other = await openPostgresStore(url);
    expect(other.id).to.equal(one.id);
    expect(await goingOn(other)).to.deep.equal(await goingOn(one));
    await one.close();
    await other.close();
  });

  it('keeps any text and any integer', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('\\', '\t', '\n', 'N', '"', '.', '\0', '😀'), maxLength: 12 }),
      fc.constantFrom(...oddTexts),
    );
    const integer = fc.maxSafeInteger();
    const row = fc.record({ engine: text, attempt: text, at: integer });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 100, maxLength: 700 }), async (rows) => {
        const [from, back] = [folder(), folder()];
        await (await openSqliteStore(from)).close();
        const file = new DatabaseSync(join(from, 'store.sqlite'));
        const insert = file.prepare('INSERT OR REPLACE INTO leftovers VALUES (?, ?, ?)');
        for (const { engine, attempt, at } of rows) insert.run(withoutNul(engine), withoutNul(attempt), at);
        file.close();
        const { url } = await database();
        await toPostgres(from, url);
        await toSqlite(url, back);
        expect(await everything(openSqliteSource(back))).to.deep.equal(
          await everything(openSqliteSource(from)),
        );
      }),
      { numRuns: 2 },
    );
  });

  it('tells of texts that PostgreSQL cannot keep', async () => {
    const from = folder();
    await (await openSqliteStore(from)).close();
    const file = new DatabaseSync(join(from, 'store.sqlite'));
    file.prepare('INSERT INTO meta VALUES (?, ?)').run('wish', 'a\0b');
    file.close();
    const { url, script } = await database();
    const [source, target] = [openSqliteSource(from), await openPostgresTarget(url, options)];
    const reports = await copyStore(source, target, silent);
    await target.commit();
    await Promise.all([source.close(), target.close()]);
    expect(reports.find(({ table }) => table === 'meta')).to.include({ rows: 2, changed: 1 });
    expect(await script(`SELECT value FROM meta WHERE name = 'wish'`)).to.deep.equal([{ value: 'a\ufffdb' }]);
  });

  it('leaves nothing behind where it breaks off or a row differs, and can be made again', async () => {
    const from = await filled();
    const { url, script } = await database();
    const to = folder();
    for (const [what, sentence] of [
      ['source', /the disk broke/],
      ['row', /after the copy the row of attempts with key \d+ is another one in .*: rank differs/],
      ['number', /^projects goes on after \d+ in .*, not after \d+$/],
    ] as const) {
      for (const open of [() => openPostgresTarget(url, options), () => openSqliteTarget(to, options)]) {
        const [source, target] = spoiled(what, openSqliteSource(from), await open());
        expect(await refusal(copy(source, target)), what).to.match(sentence);
      }
      expect(await script(`SELECT relname FROM pg_class WHERE relname = 'runs'`), what).to.deep.equal([]);
      expect(readdirSync(to), what).to.deep.equal(['store.lock']);
    }
    expect(await toPostgres(from, url)).to.be.greaterThan(50);
    expect(await copy(openSqliteSource(from), await openSqliteTarget(to, options))).to.be.greaterThan(50);
  });

  it('goes to a place that is empty, or has a store without anything in it', async () => {
    const from = await filled();
    const { url } = await database();
    const to = folder();
    await (await openPostgresStore(url)).close();
    await (await openSqliteStore(to)).close();
    // What a copy left that was killed.
    writeFileSync(join(to, 'store.sqlite.copying'), 'half');
    await toPostgres(from, url);
    await toSqlite(url, to);
    expect(readdirSync(to).toSorted()).to.deep.equal(['store.lock', 'store.sqlite']);
    expect(await refusal(toPostgres(from, url))).to.match(
      /^the database test_\d+ of PostgreSQL at .* is not empty, it has meta, projects, jobs, more: name one that is$/,
    );
    expect(await refusal(toSqlite(url, to))).to.match(
      /^the data folder .* is not empty, it has meta, projects/,
    );
  });

  it('is refused while somebody uses one of both', async () => {
    const [from, to] = [await filled(), folder()];
    const { url, script } = await database();
    const sqlite = await openSqliteStore(from);
    expect(await refusal(toPostgres(from, url))).to.match(
      /^the data folder .* is in use by another docker-builder/,
    );
    await sqlite.close();
    const store = await openPostgresStore(url);
    for (const copied of [() => toPostgres(from, url), () => toSqlite(url, to)])
      expect(await refusal(copied())).to.match(
        /^the database test_\d+ of .* is in use by another docker-builder: stop all servers and workers on it first$/,
      );
    await store.close();
    await script(`INSERT INTO members VALUES ('m', 'worker', 'worker', 'h', 1, NULL, '{}', 1, 9e15)`);
    for (const copied of [() => toPostgres(from, url), () => toSqlite(url, to)])
      expect(await refusal(copied()), 'by one whose connections were cut').to.match(/ is in use by another/);
    expect(existsSync(join(to, 'store.sqlite'))).to.equal(false);
  });

  it('is refused where there is no store, or one of another version', async () => {
    const { url, script } = await database();
    const to = folder();
    expect(await refusal(toSqlite(url, to))).to.match(
      /^there is no store in the database test_\d+ of PostgreSQL/,
    );
    expect(await refusal(toPostgres(to, url))).to.equal(`there is no store in the data folder ${to}`);
    await (await openPostgresStore(url)).close();
    await script('INSERT INTO migrations VALUES (1000, 1)');
    expect(await refusal(toSqlite(url, to))).to.match(
      /has schema 1000, this docker-builder knows 1: copy it with a newer/,
    );
    await script('DELETE FROM migrations WHERE number = 1000; UPDATE migrations SET number = 0');
    expect(await refusal(toSqlite(url, to))).to.match(
      /has schema 0, this docker-builder writes 1: start it there once/,
    );
  });
});

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

/** What a server sees, and what it does next. */
async function goingOn(store: Store): Promise<unknown> {
  const lists = [
    await store.read.runs({}, { limit: 100 }),
    await store.read.executions({}, [{ field: 'modifiedAt', descending: true }], { offset: 0, limit: 100 }),
    await store.read.countExecutions({}),
    await store.read.listedRuns({}, [{ field: 'key', descending: false }], { offset: 0, limit: 100 }),
    await store.read.images({}, { limit: 100 }),
    await store.read.apiKeys(undefined, { limit: 100 }),
  ];
  const { key, number } = await store.write(async (tx) => {
    const run = await addRun(tx, { priority: 10 });
    const [attempt] = await tx.attempts(run.id);
    return { key: run.key, number: attempt?.key };
  });
  const claimed = [];
  for (
    let taken = await store.write((tx) => take(tx, 50_000));
    taken;
    taken = await store.write((tx) => take(tx, 50_000))
  )
    claimed.push(taken.attempt.key);
  return { lists, key, number, claimed };
}

/** A copy in which something goes wrong. */
function spoiled(what: 'source' | 'row' | 'number', source: Source, target: Target): [Source, Target] {
  async function* broken(table: Table): AsyncGenerator<readonly Cells[]> {
    yield* source.rows(table);
    if (table.name === 'attempts') throw new Error('the disk broke');
  }
  const changed = (table: Table, rows: readonly Cells[]) => {
    const rank = table.columns.findIndex(({ name }) => name === 'rank');
    return target.insert(table, rank < 0 ? rows : rows.map((row) => row.with(rank, 5)));
  };
  return [
    { ...source, ...(what === 'source' && { rows: broken }) },
    {
      ...target,
      ...(what === 'row' && { insert: changed }),
      ...(what === 'number' && { continueAfter: (table: Table) => target.continueAfter(table, 0) }),
    },
  ];
}
