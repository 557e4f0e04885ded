import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { Writer } from '../../../server/store/group.ts';
import { openSession } from '../../../server/store/postgresSession.ts';
import { createPostgresWriter } from '../../../server/store/postgresWriter.ts';
import { openWriter } from '../../../server/store/sqlite.ts';
import { readPostgresUrl } from '../../../server/words/postgresUrl.ts';
import { emptyDatabase } from '../../fixtures/postgres.ts';

/** Two tables, who writes into them, and who looks at what was committed. */
export interface GroupBench {
  readonly writer: Writer;
  owners(): Promise<unknown[]>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

const schema = `
  CREATE TABLE owner (name TEXT NOT NULL PRIMARY KEY);
  CREATE TABLE pet (name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES owner (name) DEFERRABLE INITIALLY DEFERRED)`;
const names = 'SELECT name FROM owner ORDER BY name';

/** For each database, and what it says where something goes wrong. */
export const groupBenches = [
  {
    kind: 'SQLite',
    open: sqliteBench,
    says: { twice: 'UNIQUE constraint failed: owner.name', stray: 'FOREIGN KEY constraint failed' },
  },
  {
    kind: 'PostgreSQL',
    open: postgresBench,
    says: {
      twice: 'duplicate key value violates unique constraint "owner_pkey"',
      stray: 'insert or update on table "pet" violates foreign key constraint "pet_owner_fkey"',
    },
  },
] as const;

async function sqliteBench(): Promise<GroupBench> {
  const folder = mkdtempSync(join(tmpdir(), 'dbs-'));
  const file = join(folder, 'group.sqlite');
  const writer = openWriter(file);
  const other = new DatabaseSync(file);
  other.exec(schema);
  return {
    writer,
    owners: async () =>
      other
        .prepare(names)
        .all()
        .map((row) => row['name']),
    empty: async () => other.exec('DELETE FROM pet; DELETE FROM owner'),
    async close() {
      other.close();
      writer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postgresBench(): Promise<GroupBench> {
  const database = await emptyDatabase();
  await database.script(schema);
  const address = readPostgresUrl(database.url);
  if ('problem' in address) throw new Error(address.problem);
  const writer = createPostgresWriter(() => openSession(address, { connectMs: 5000, settings: {} }), 5000);
  return {
    writer,
    owners: async () => (await database.script(names)).map((row) => row['name']),
    empty: async () => void (await database.script('DELETE FROM pet; DELETE FROM owner')),
    async close() {
      await writer.close();
      await database.drop();
    },
  };
}

/** The same writer, that tells of each commit. */
export function counting(writer: Writer, onCommit: () => void): Writer {
  return {
    sql: writer.sql,
    get inTransaction() {
      return writer.inTransaction;
    },
    begin: () => writer.begin(),
    commit() {
      onCommit();
      return writer.commit();
    },
    rollback: () => writer.rollback(),
    savepoint: () => writer.savepoint(),
    release: () => writer.release(),
    undo: () => writer.undo(),
  };
}
