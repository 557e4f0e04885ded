import type { BudgetFacts } from '../../words/gate.ts';
import type { RateLimitKey } from '../../words/job.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';
import { slackMs } from './setBack.ts';

// It keeps the most that any version asked for, so that no job forgets the starts that another one still has to count.
const know =
  statement(`INSERT INTO rate_budgets (project, name, max_starts, window_ms) VALUES ($1, $2, $3, $4)
  ON CONFLICT (project, name) DO UPDATE SET
    max_starts = CASE WHEN excluded.max_starts > rate_budgets.max_starts THEN excluded.max_starts ELSE rate_budgets.max_starts END,
    window_ms = CASE WHEN excluded.window_ms > rate_budgets.window_ms THEN excluded.window_ms ELSE rate_budgets.window_ms END`);
const longest = statement('SELECT MAX(window_ms) AS window_ms FROM rate_budgets');

const back = statement(`SELECT started_at FROM rate_starts WHERE project = $1 AND name = $2
  ORDER BY started_at DESC, key DESC LIMIT 1 OFFSET $3`);
const insert = statement('INSERT INTO rate_starts (project, name, started_at) VALUES ($1, $2, $3)');
const forgetOld = statement(`DELETE FROM rate_starts WHERE project = $1 AND name = $2 AND started_at <= $3 - (
    SELECT window_ms FROM rate_budgets WHERE project = $1 AND name = $2)`);
const forgetMany = statement(`DELETE FROM rate_starts WHERE project = $1 AND name = $2 AND started_at < (
    SELECT started_at FROM rate_starts WHERE project = $1 AND name = $2 ORDER BY started_at DESC, key DESC LIMIT 1 OFFSET (
      SELECT max_starts FROM rate_budgets WHERE project = $1 AND name = $2))`);
const pullBack = statement(
  'UPDATE rate_starts SET started_at = $3 WHERE project = $1 AND name = $2 AND started_at > $3',
);

/** Makes a budget of a project known, before anything starts on it. */
export async function knowBudget(
  sql: Sql,
  project: string,
  { name, max, windowSecs }: RateLimitKey,
): Promise<void> {
  await sql.run(know, [project, name, max, windowSecs * 1000]);
}

/** What a budget's past says about the next start. Starts from before the clock was set back count as if they were new. */
export async function budgetFacts(
  sql: Sql,
  project: string,
  { name, max, windowSecs }: RateLimitKey,
  now: number,
): Promise<BudgetFacts> {
  const windowMs = windowSecs * 1000;
  const row = await sql.get(back, [project, name, max - 1]);
  const start = row && integer(row, 'started_at');
  if (start === undefined || start <= now + slackMs) return { windowMs, decidingStart: start };
  await sql.run(pullBack, [project, name, now + slackMs]);
  return { windowMs, decidingStart: now + slackMs };
}

/** Counts a start, and forgets those that decide nothing any more. */
export async function addStart(sql: Sql, project: string, name: string, now: number): Promise<void> {
  await sql.run(insert, [project, name, now]);
  await sql.run(forgetOld, [project, name, now - slackMs]);
  await sql.run(forgetMany, [project, name]);
}

/** The longest time for which a start on any budget counts, in milliseconds. */
export async function longestWindow(sql: Sql): Promise<number> {
  const row = await sql.get(longest, []);
  return (row && integerOrNull(row, 'window_ms')) ?? 0;
}
