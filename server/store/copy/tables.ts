import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../migrations/list.ts';
import { sqliteTexts } from '../migrations/texts.ts';
import { integer, text } from '../row.ts';
import type { Row } from '../sql.ts';
import type { Source } from './ends.ts';
import type { Column, Table } from './table.ts';

/**
 * All tables that a store of this program has on both databases. They are read from a store that is made of the migrations,
 * so that none can be forgotten here.
 */
export function storeTables(): Table[] {
  const database = new DatabaseSync(':memory:');
  try {
    for (const step of migrations) for (const made of sqliteTexts(step)) database.exec(made);
    return tablesOf(database);
  } finally {
    database.close();
  }
}

const askTables = `SELECT name, sql FROM sqlite_schema
  WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid`;

function tablesOf(database: DatabaseSync): Table[] {
  return (database.prepare(askTables).all() as Row[]).map((row) => {
    const name = text(row, 'name');
    const columns = database.prepare(`PRAGMA table_info(${name})`).all() as Row[];
    const key = columns
      .filter((column) => integer(column, 'pk') > 0)
      .toSorted((one, two) => integer(one, 'pk') - integer(two, 'pk'))
      .map((column) => text(column, 'name'));
    if (key.length === 0) throw new Error(`the table ${name} has no primary key to be copied by`);
    const numbered = text(row, 'sql').includes('AUTOINCREMENT');
    return { name, columns: columns.map((column) => columnOf(name, column)), key, numbered };
  });
}

const kinds: Readonly<Record<string, Column['kind']>> = {
  INTEGER: 'integer',
  BIGINT: 'integer',
  TEXT: 'text',
};

function columnOf(table: string, row: Row): Column {
  const [name, type] = [text(row, 'name'), text(row, 'type')];
  const kind = kinds[type];
  if (!kind) throw new Error(`the column ${name} of ${table} is of the type ${type}, which no copy knows`);
  return { name, kind };
}

const runs: Table = {
  name: 'runs',
  columns: [
    { name: 'key', kind: 'integer' },
    { name: 'id', kind: 'text' },
  ],
  key: ['key'],
  numbered: true,
};

/** The ids of all runs of a store, oldest first. */
export async function* runIds(source: Source): AsyncGenerator<string> {
  for await (const batch of source.rows(runs)) for (const [, id] of batch) yield String(id);
}
