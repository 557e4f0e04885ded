import { integer, integerOrNull, textOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

// The oldest of all, with their queues: those of a queue that has none among them are younger, and looked for there.
const oldest = statement(`SELECT queued_at, (SELECT queue FROM lines WHERE lines.key = attempts.line) AS queue
  FROM attempts WHERE origin IS NOT NULL AND state = 'queued' ORDER BY queued_at, key LIMIT 500`);
const firstOfQueue = statement(`SELECT MIN(queued_at) AS queued_at FROM attempts
  WHERE state = 'queued' AND ready = 1 AND line = (SELECT MIN(key) FROM lines
    WHERE queue = $1 AND turn = (SELECT MIN(turn) FROM lines WHERE queue = $1))`);
const ended = statement(`SELECT course, CAST(SUM(counted) AS BIGINT) AS attempts
  FROM (SELECT course, counted FROM course_counts WHERE of_runs = 0
    UNION ALL SELECT course, counted FROM gone_counts) ends GROUP BY course`);

/** When the oldest attempt of each queue was queued, of queues that have some of the oldest of all. */
export async function oldestWaiting(sql: Sql): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const row of await sql.all(oldest, [])) {
    const queue = textOrNull(row, 'queue');
    if (queue !== null && !found.has(queue)) found.set(queue, integer(row, 'queued_at'));
  }
  return found;
}

/** Of the line in the queue whose turn it is. */
export async function oldestIn(sql: Sql, queue: string): Promise<number | null> {
  const row = await sql.get(firstOfQueue, [queue]);
  return row ? integerOrNull(row, 'queued_at') : null;
}

/** How many attempts there are, or were, of each course. */
export async function endedCourses(sql: Sql): Promise<{ course: number; attempts: number }[]> {
  const rows = await sql.all(ended, []);
  return rows.map((row) => ({ course: integer(row, 'course'), attempts: integer(row, 'attempts') }));
}
