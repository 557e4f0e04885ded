import type { DatabaseSync } from 'node:sqlite';
import { integer } from '../row.ts';
import type { Row } from '../sql.ts';
import { newBatch } from './batches.ts';
import { type Cells, type Column, inKeyOrder, type Table } from './table.ts';

/** What is asked of an SQLite file that is copied, or was copied to. */
export async function* sqliteRows(database: DatabaseSync, table: Table): AsyncGenerator<Cells[]> {
  const asked = database.prepare(inKeyOrder(table));
  asked.setReturnArrays(true);
  const batch = newBatch();
  for (const row of asked.iterate() as Iterable<unknown>) {
    const full = batch.add(checked(table, row as unknown[]));
    if (full) yield full;
  }
  yield batch.rest();
}

/** A column of SQLite holds whatever was put there: only what the store puts there is understood on the other side. */
function checked(table: Table, row: unknown[]): Cells {
  for (const [at, cell] of row.entries())
    if (cell !== null && typeof cell !== types[table.columns[at]?.kind ?? 'text'])
      throw new Error(`${table.columns[at]?.name} of a row of ${table.name} holds ${typeof cell}`);
  return row as unknown as Cells;
}

const types = { integer: 'number', text: 'string' } as const satisfies Record<Column['kind'], string>;

export function sqliteLastNumber(database: DatabaseSync, { name }: Table): number {
  const asked = database.prepare('SELECT COALESCE(MAX(seq), 0) AS last FROM sqlite_sequence WHERE name = ?');
  return integer(asked.get(name) ?? {}, 'last');
}

/** The newest step of the schema; undefined where no store was ever made there. */
export function sqliteSchema(database: DatabaseSync): number | undefined {
  if (!database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'migrations'`).get()) return undefined;
  const row = database.prepare('SELECT MAX(number) AS number FROM migrations').get() as Row;
  return row['number'] === null ? undefined : integer(row, 'number');
}
