import { integer, integerOrNull } from '../row.ts';
import { takeFromBlocks } from './attemptBlocks.ts';
import { type Adding, adding, type Row, type Sql, statement, type Transaction } from '../sql.ts';

/** Where an attempt or a run is counted; a part of another run has no origin, and is counted nowhere. */
export interface Counted {
  origin: number | null;
  course: number;
}

/** From one course to another. */
export interface Move {
  from: number;
  to: number;
}

const [ofAttempts, ofRuns] = [0, 1] as const;

const named = /\bcourse_counts\b/;
const into = 'INSERT INTO course_counts (of_runs, origin, course, counted) VALUES';
const merge = `ON CONFLICT (of_runs, origin, course)
  DO UPDATE SET counted = course_counts.counted + excluded.counted`;

// Runs that come in a crowd are often the first of their kind, each of another one.
const together = 16;
const crowd = Array.from(
  { length: together },
  (_, row) => `($${4 * row + 1}, $${4 * row + 2}, $${4 * row + 3}, $${4 * row + 4})`,
);
const one: Adding = {
  ...adding(named, `${into} ($1, $2, $3, $4) ${merge}`),
  several: { count: together, statement: statement(`${into} ${crowd.join(', ')} ${merge}`) },
};
const moved = adding(named, `${into} ($1, $2, $3, -CAST($5 AS INTEGER)), ($1, $2, $4, $5) ${merge}`);
// As most changes are: of a run and of its attempt.
const bothMoved = adding(
  named,
  `${into} (0, $1, $2, -CAST($6 AS INTEGER)), (0, $1, $3, $6), (1, $1, $4, -CAST($6 AS INTEGER)), (1, $1, $5, $6) ${merge}`,
);
const takeAway = statement(
  'UPDATE course_counts SET counted = counted - $4 WHERE of_runs = $1 AND origin = $2 AND course = $3',
);

const rememberGone = statement(`INSERT INTO gone_counts (course, counted) VALUES ($1, $2)
  ON CONFLICT (course) DO UPDATE SET counted = gone_counts.counted + excluded.counted`);

export function countAttempts(sql: Transaction, place: Counted, rows: number): void {
  count(sql, ofAttempts, place, rows);
}

export function countRuns(sql: Transaction, place: Counted, rows: number): void {
  count(sql, ofRuns, place, rows);
}

function count(sql: Transaction, what: 0 | 1, { origin, course }: Counted, rows: number): void {
  if (origin !== null) sql.add(one, [what, origin, course], [rows]);
}

/** Counts a run, and one of its attempts, where they are now. */
export function moveCounts(
  sql: Transaction,
  origin: number | null,
  { attempt, run }: Record<'attempt' | 'run', Move>,
): void {
  if (origin === null) return;
  const [stays, runStays] = [attempt.from === attempt.to, run.from === run.to];
  if (!stays && !runStays) sql.add(bothMoved, [origin, attempt.from, attempt.to, run.from, run.to], [1]);
  else if (!stays) sql.add(moved, [ofAttempts, origin, attempt.from, attempt.to], [1]);
  else if (!runStays) sql.add(moved, [ofRuns, origin, run.from, run.to], [1]);
}

/** Counts attempts no more that were removed, but for how they ended. */
export async function takeAttemptsAway(sql: Sql, gone: readonly Row[]): Promise<void> {
  const places = await takeRowsAway(sql, ofAttempts, gone);
  await takeFromBlocks(sql, gone);
  for (const [course, same] of Map.groupBy(places, (place) => place.course))
    await sql.run(rememberGone, [course, same.length]);
}

export async function takeRunsAway(sql: Sql, gone: readonly Row[]): Promise<void> {
  await takeRowsAway(sql, ofRuns, gone);
}

async function takeRowsAway(sql: Sql, what: 0 | 1, gone: readonly Row[]): Promise<Counted[]> {
  const places = gone.map(countedOf).filter(({ origin }) => origin !== null);
  for (const same of Map.groupBy(places, ({ origin, course }) => `${origin} ${course}`).values()) {
    const [first] = same;
    if (first) await sql.run(takeAway, [what, first.origin, first.course, same.length]);
  }
  return places;
}

/** Of a row with `origin` and `course`. */
export function countedOf(row: Row): Counted {
  return { origin: integerOrNull(row, 'origin'), course: integer(row, 'course') };
}
