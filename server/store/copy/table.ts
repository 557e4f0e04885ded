import type { SqlValue } from '../sql.ts';

/** One table of every store. */
export interface Table {
  name: string;
  columns: readonly Column[];
  /** The columns of its primary key, in their order. */
  key: readonly string[];
  /** Whether its key is a number that the database gives, and never gives again. */
  numbered: boolean;
}

export interface Column {
  name: string;
  kind: 'integer' | 'text';
}

/** The values of a row in the order of the table's columns. */
export type Cells = readonly SqlValue[];

export function columnList({ columns }: Table): string {
  return columns.map(({ name }) => name).join(', ');
}

/** A question for all rows of a table in the order of their key. Both databases compare texts byte by byte. */
export function inKeyOrder(table: Table): string {
  return `SELECT ${columnList(table)} FROM ${table.name} ORDER BY ${table.key.join(', ')}`;
}
