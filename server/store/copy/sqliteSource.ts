import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { filesOf, lockStore } from '../lock.ts';
import { migrations } from '../migrations/list.ts';
import { CopyRefusal, refuseOtherSchema, type Source } from './ends.ts';
import { sqliteLastNumber, sqliteRows, sqliteSchema } from './sqliteRows.ts';

/**
 * Opens a store in a folder, or a file by itself, to be read; nobody else can open it until it is closed.
 *
 * @throws CopyRefusal where there is none, or none that this program can read
 */
export function openSqliteSource(place: string): Source {
  const files = filesOf(place);
  if (!existsSync(files.file)) throw new CopyRefusal(`there is no store in ${files.name}`);
  const lock = lockStore(files);
  let database: DatabaseSync | undefined;
  const close = async () => {
    database?.close();
    lock.close();
  };
  try {
    database = openToRead(files.file);
    refuseOtherSchema(files.name, sqliteSchema(database), migrations.length);
    return endOf(files.name, database, close);
  } catch (error) {
    void close();
    throw error;
  }
}

function openToRead(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('BEGIN');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function endOf(name: string, database: DatabaseSync, close: () => Promise<void>): Source {
  return {
    name,
    rows: (table) => sqliteRows(database, table),
    lastNumber: async (table) => sqliteLastNumber(database, table),
    chunks: undefined,
    close,
  };
}
