import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { filesOf, lockStore, type StoreFiles } from '../lock.ts';
import { migrate } from '../migrate.ts';
import { migrations } from '../migrations/list.ts';
import { sqliteTexts } from '../migrations/texts.ts';
import { text } from '../row.ts';
import type { Row } from '../sql.ts';
import { sqlOf } from '../sqlite.ts';
import { CopyRefusal, refuseFull, type Target } from './ends.ts';
import { sqliteLastNumber, sqliteRows } from './sqliteRows.ts';
import { columnList, type Table } from './table.ts';

export interface SqliteTargetOptions {
  now: number;
  /** The tables that must be empty. */
  tables: readonly Table[];
}

/** Beside the store's file until all is in it: what a copy left that was broken off is of no use to anybody. */
const draftOf = (files: StoreFiles) => `${files.file}.copying`;

/**
 * Fills a file beside the one that the store will be, and gives it that name in the end. Holds the store's lock meanwhile.
 *
 * @throws CopyRefusal where there is a store with something in it
 */
export async function openSqliteTarget(place: string, { now, tables }: SqliteTargetOptions): Promise<Target> {
  const files = filesOf(place);
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });
  const lock = lockStore(files);
  try {
    refuseFull(files.name, filledTables(files, tables));
    removeDraft(files);
    return targetIn(files, lock, await makeDraft(draftOf(files), now));
  } catch (error) {
    lock.close();
    throw error;
  }
}

function targetIn(files: StoreFiles, lock: { close(): void }, filled: DatabaseSync): Target {
  const draft = draftOf(files);
  let database = filled;
  const indexes = takenIndexes(database);
  const inserts = new Map<Table, StatementSync>();
  const insertOf = (table: Table) => {
    const made = inserts.get(table) ?? database.prepare(insertText(table));
    inserts.set(table, made);
    return made;
  };
  return {
    name: files.name,
    kept: (value) => value,
    rows: (table) => sqliteRows(database, table),
    lastNumber: async (table) => sqliteLastNumber(database, table),
    chunks: undefined,
    async insert(table, rows) {
      const insert = insertOf(table);
      for (const row of rows) insert.run(...row);
    },
    async continueAfter({ name }, last) {
      database.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(name);
      if (last > 0) database.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(name, last);
    },
    async finish() {
      for (const index of indexes) database.exec(index);
      checkReferences(database);
      database.exec('COMMIT');
      database.close();
      sync(draft);
      database = new DatabaseSync(draft, { readOnly: true });
    },
    async commit() {
      database.close();
      // A log of changes that is left of what was there would be taken for the new file's.
      for (const end of ['-wal', '-shm']) rmSync(`${files.file}${end}`, { force: true });
      renameSync(draft, files.file);
      sync(files.folder);
    },
    async close() {
      if (database.isOpen) database.close();
      removeDraft(files);
      lock.close();
    },
  };
}

/** Nothing of it is worth anything until it is whole: it needs no journal. */
async function makeDraft(file: string, now: number): Promise<DatabaseSync> {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN',
  );
  await migrate(sqlOf(database), { textsOf: sqliteTexts, migrations, now });
  return database;
}

/** Removes the indexes, and gives the texts that make them again, in their order: SQLite goes by it where two would do. */
function takenIndexes(database: DatabaseSync): string[] {
  const asked = `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid`;
  const found = database.prepare(asked).all() as Row[];
  for (const row of found) database.exec(`DROP INDEX ${text(row, 'name')}`);
  return found.map((row) => text(row, 'sql'));
}

function insertText(table: Table): string {
  return `INSERT INTO ${table.name} (${columnList(table)}) VALUES (${table.columns.map(() => '?').join(', ')})`;
}

function checkReferences(database: DatabaseSync): void {
  const broken = database.prepare('PRAGMA foreign_key_check').get() as Row | undefined;
  if (broken)
    throw new Error(
      `a row of ${text(broken, 'table')} refers to one of ${text(broken, 'parent')} that is not there`,
    );
}

/** Those with rows in a store that is there; its id alone does not count. */
function filledTables({ file }: StoreFiles, tables: readonly Table[]): string[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file);
  try {
    const has = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`);
    const isFilled = ({ name }: Table) =>
      has.get(name) !== undefined &&
      database
        .prepare(`SELECT 1 FROM ${name} ${name === 'meta' ? `WHERE name <> 'store_id'` : ''} LIMIT 1`)
        .get() !== undefined;
    return tables.filter(isFilled).map(({ name }) => name);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CopyRefusal(`${file} cannot be replaced: ${message}`, { cause });
  } finally {
    // Where it is the last to close the file, it also ends the log of its changes.
    database.close();
  }
}

function removeDraft(files: StoreFiles): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${draftOf(files)}${end}`, { force: true });
}

function sync(path: string): void {
  const descriptor = openSync(path, statSync(path).isDirectory() ? 'r' : 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
