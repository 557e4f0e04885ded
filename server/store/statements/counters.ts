import { isPart, type Run, runStates } from '../../words/run.ts';
import { integer, oneOf } from '../row.ts';
import { adding, type Sql, statement, type Statement, type Transaction } from '../sql.ts';
import type { RunFilter } from '../contract/runs.ts';

/** What one counter counts the runs of: as in lists, without child runs. */
export type Counted = Pick<Run, 'project' | 'slug' | 'state' | 'archivedAt' | 'request'>;

// Runs are taken away from a row that is there, but SQLite checks the one that it would insert all the same.
const counter = adding(
  /\brun_counts\b/,
  `INSERT INTO run_counts (project, slug, state, archived, runs)
  VALUES ($1, $2, $3, $4, CASE WHEN $5 > 0 THEN $5 ELSE 0 END)
  ON CONFLICT (project, slug, state, archived) DO UPDATE SET runs = run_counts.runs + $5`,
);

const takeAway = statement(`UPDATE run_counts SET runs = runs - $5
  WHERE project = $1 AND slug = $2 AND state = $3 AND archived = $4`);
const forgetEmpty = statement('DELETE FROM run_counts WHERE project = $1 AND slug = $2 AND runs = 0');

const sums = (where: string): Statement =>
  statement(`SELECT state, archived, SUM(runs) AS runs FROM run_counts ${where} GROUP BY state, archived`);
const everywhere = sums('');
const ofProject = sums('WHERE project = $1');
const ofSlug = sums('WHERE slug = $1');
const ofJob = sums('WHERE project = $1 AND slug = $2');

export function countIn(sql: Transaction, runs: readonly Counted[]): void {
  for (const run of runs) if (!isPart(run)) sql.add(counter, place(run), [1]);
}

/** Moves a run from the counter that it is in to another one. */
export function moveCount(sql: Transaction, from: Counted, to: Counted): void {
  if (isPart(from) || (from.state === to.state && archivedOf(from) === archivedOf(to))) return;
  sql.add(counter, place(from), [-1]);
  sql.add(counter, place(to), [1]);
}

/** Counts runs no more that are removed. */
export async function countAway(
  sql: Sql,
  { project, slug, state, archived }: Pick<Counted, 'project' | 'slug' | 'state'> & { archived: number },
  runs: number,
): Promise<void> {
  await sql.run(takeAway, [project, slug, state, archived, runs]);
  await sql.run(forgetEmpty, [project, slug]);
}

/** How many runs there are; of the filter, it looks at project, slug, states and archived. */
export async function sumCounts(sql: Sql, filter: RunFilter): Promise<number> {
  let sum = 0;
  for (const row of await groups(sql, filter)) {
    const wanted = !filter.states || filter.states.includes(oneOf(runStates, row, 'state'));
    const archived = integer(row, 'archived') === 1;
    if (wanted && (filter.archived ?? archived) === archived) sum += integer(row, 'runs');
  }
  return sum;
}

function groups(sql: Sql, { project, slug }: RunFilter) {
  if (project !== undefined && slug !== undefined) return sql.all(ofJob, [project, slug]);
  if (project !== undefined) return sql.all(ofProject, [project]);
  if (slug !== undefined) return sql.all(ofSlug, [slug]);
  return sql.all(everywhere, []);
}

function place(run: Counted) {
  return [run.project, run.slug, run.state, archivedOf(run)];
}

function archivedOf(run: Counted): 0 | 1 {
  return run.archivedAt === null ? 0 : 1;
}
