import type { Run } from '../../words/run.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';
import { type Counted, countedOf } from './courseCounts.ts';

const earlier = statement(`UPDATE attempts SET course = course + $3 WHERE run_id = $1 AND number < $2
  RETURNING origin, course`);
const courseById = statement('SELECT course FROM attempts WHERE id = $1');
// What waits has not changed since it was queued.
const oldest = statement('SELECT MIN(modified_at) AS oldest FROM attempts WHERE origin = $1 AND course = $2');
const origins = statement('UPDATE attempts SET origin = $2 WHERE run_id = $1 RETURNING origin, course');

/** The course of an attempt that there is. */
export async function courseOfAttempt(sql: Sql, id: string): Promise<number> {
  const row = await sql.get(courseById, [id]);
  if (!row) throw new Error(`the attempt ${id} is not there`);
  return integer(row, 'course');
}

/** Since when the oldest attempt of an origin waits, in milliseconds since 1970; later than ever where none does. */
export async function oldestWaiting(sql: Sql, origin: number, course: number): Promise<number> {
  const row = await sql.get(oldest, [origin, course]);
  return (row && integerOrNull(row, 'oldest')) ?? Infinity;
}

/** Changes the courses of all attempts of a run but its newest; gives where each is counted by then. */
export async function moveEarlier(
  sql: Sql,
  { id, attempt }: Pick<Run, 'id' | 'attempt'>,
  by: number,
): Promise<Counted[]> {
  return (await sql.all(earlier, [id, attempt, by])).map(countedOf);
}

/** Gives all attempts of a run another origin, and tells their courses. */
export async function moveAttempts(sql: Sql, runId: string, origin: number): Promise<Counted[]> {
  return (await sql.all(origins, [runId, origin])).map(countedOf);
}
