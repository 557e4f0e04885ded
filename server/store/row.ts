import type { Row } from './sql.ts';

/** Text of a column; an error that names the column where it holds anything else. The others here likewise. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, value, 'text');
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, value, 'an integer');
  return value;
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function oneOf<T extends string>(allowed: readonly T[], row: Row, column: string): T {
  const value = row[column];
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw unexpected(column, value, `one of ${allowed.join(', ')}`);
  return found;
}

/** A value that was stored as JSON. Who wrote it knows its type: only the store's own types ever get there. */
export function json(row: Row, column: string): unknown {
  return JSON.parse(text(row, column));
}

export function jsonOrNull(row: Row, column: string): unknown {
  return row[column] === null ? null : json(row, column);
}

function unexpected(column: string, value: unknown, wanted: string): Error {
  return new Error(`the store's column ${column} holds ${JSON.stringify(value) ?? 'nothing'}, not ${wanted}`);
}
