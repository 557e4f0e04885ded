import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Writer } from './group.ts';
import type { Carried } from './remembered.ts';
import { expectChanged, type Sql, type Statement, type WriterSql } from './sql.ts';

export interface SqliteReader {
  readonly sql: Sql;
  close(): void;
}

export interface SqliteWriter extends Writer {
  close(): void;
}

/** How long to wait for a lock that another program took on the file, in milliseconds. */
const busyTimeoutMs = 5000;

/** Opens the file, made where it is missing, for writing: what is committed has reached the disk, and `carried` hears of it. */
export function openWriter(file: string, carried?: Carried): SqliteWriter {
  const database = openDurable(file);
  const command = (text: string) => {
    const prepared = database.prepare(text);
    return () => void prepared.run();
  };
  const undo = command('ROLLBACK TO work');
  const release = command('RELEASE work');
  const [commit, rollback] = [command('COMMIT'), command('ROLLBACK')];
  return {
    sql: sqlOf(database, carried?.note),
    get inTransaction() {
      return database.isTransaction;
    },
    begin: command('BEGIN IMMEDIATE'),
    commit() {
      commit();
      carried?.committed();
    },
    rollback() {
      rollback();
      carried?.undone();
    },
    savepoint: command('SAVEPOINT work'),
    release,
    undo() {
      undo();
      release();
    },
    close: () => database.close(),
  };
}

function openDurable(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA journal_size_limit = 67108864');
    // A page that changes often is brought from the log to its place once for 16 MB of it, not for 4: writers wait for that.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    // Savepoints keep what they may have to undo: in memory instead of in a temporary file.
    database.exec('PRAGMA temp_store = MEMORY');
    return database;
  } catch (cause) {
    database.close();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the store ${file} cannot be opened: ${message}`, { cause });
  }
}

/** A connection of its own for reading: it sees what is committed, and never a transaction that is under way. */
export function openReader(file: string): SqliteReader {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs, readOnly: true });
  return { sql: sqlOf(database), close: () => database.close() };
}

/** Statements on a connection, each prepared once; `note` hears of each that is carried out. */
export function sqlOf(database: DatabaseSync, note?: (statement: Statement) => void): WriterSql {
  const cache = new Map<Statement, StatementSync>();
  function prepared(statement: Statement): StatementSync {
    note?.(statement);
    const found = cache.get(statement);
    if (found) return found;
    const made = database.prepare(positional(statement.text));
    cache.set(statement, made);
    return made;
  }
  const sql: WriterSql = {
    isRemote: false,
    all: async (statement, params) => prepared(statement).all(...params),
    get: async (statement, params) => prepared(statement).get(...params),
    run: async (statement, params) => Number(prepared(statement).run(...params).changes),
    script: async (text) => database.exec(text),
    send: (statement, params, rows) =>
      expectChanged(Number(prepared(statement).run(...params).changes), statement, rows),
    // AUTOINCREMENT follows whatever key is inserted.
    usedKeys: () => undefined,
    // Each is answered when it is asked, and nobody else writes before the next event.
    together: (ask) => ask(sql),
  };
  return sql;
}

/**
 * `$1` would have to be bound by name through an object: `?1` takes a quarter of the time. It is a name all the same, and
 * each value is bound after a look at all of them: where they come in their order, `?` is enough.
 */
function positional(text: string): string {
  const places = Array.from(text.matchAll(/\$(\d+)/g), ([, place]) => Number(place));
  const isInOrder = places.every((place, index) => place === index + 1);
  return text.replaceAll(/\$(\d+)/g, isInOrder ? '?' : '?$1');
}
