import { integer, integerOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import type { Bounds } from './attemptBlocks.ts';
import { attemptTable } from './listTable.ts';
import { several } from './several.ts';

/** What attempts in a range of keys have in common, and what they differ in. */
export interface BlockSum {
  origin: number;
  course: number;
  rows: number;
  bounds: Record<string, Bounds>;
}

/** Columns that lists go along the index of, but for the key. */
export const boundColumns = [...new Set(Object.values(attemptTable.columns))].filter(
  (column) => column !== 'key',
);

const aggregates = boundColumns.map(
  (column) => `MIN(${column}) AS least_${column}, MAX(${column}) AS most_${column}`,
);
const range = 'FROM attempts WHERE origin IS NOT NULL AND key >= $1 AND key < $2';
const sums =
  statement(`SELECT origin + 0 AS origin, course + 0 AS course, COUNT(*) AS counted, ${aggregates.join(', ')}
  ${range} GROUP BY origin + 0, course + 0`);
const keys = statement(`SELECT key ${range} AND course + 0 = $3`);
const place = statement('SELECT key FROM attempts WHERE key >= $1 ORDER BY key LIMIT 1 OFFSET $2');
const unended = statement(`SELECT key ${range} AND finished_at IS NULL LIMIT $3`);
const courses = several((list) => `SELECT course FROM attempts WHERE key IN (${list})`);

export async function blockSums(sql: Sql, from: number, to: number): Promise<BlockSum[]> {
  return (await sql.all(sums, [from, to])).map((row) => ({
    origin: integer(row, 'origin'),
    course: integer(row, 'course'),
    rows: integer(row, 'counted'),
    bounds: Object.fromEntries(boundColumns.map((column) => [column, boundsIn(row, column)])),
  }));
}

function boundsIn(row: Row, column: string): Bounds {
  const [least, most] = [integerOrNull(row, `least_${column}`), integerOrNull(row, `most_${column}`)];
  return least === null || most === null ? null : [least, most];
}

/** Keys of the attempts in a range that have a course. */
export async function keysOfCourse(sql: Sql, from: number, to: number, course: number): Promise<number[]> {
  return (await sql.all(keys, [from, to, course])).map((row) => integer(row, 'key'));
}

/** The key of the attempt that stands so many places behind the first one from a key on. */
export async function keyAt(sql: Sql, from: number, offset: number): Promise<number | undefined> {
  const row = await sql.get(place, [from, offset]);
  return row && integer(row, 'key');
}

/** How many attempts of a range have not ended, if it is less than `most`. */
export async function unendedIn(sql: Sql, from: number, to: number, most: number): Promise<number> {
  return (await sql.all(unended, [from, to, most])).length;
}

/** The courses of the attempts with these keys. */
export async function coursesOf(sql: Sql, some: readonly number[]): Promise<number[]> {
  return (await courses(sql, some)).map((row) => integer(row, 'course'));
}
