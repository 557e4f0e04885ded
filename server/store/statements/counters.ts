import type { Run } from '../../words/run.ts';
import { runStates } from '../../words/run.ts';
import { integer, oneOf } from '../row.ts';
import { type Sql, statement, type Statement } from '../sql.ts';
import type { RunFilter } from '../contract/runs.ts';

/** What one counter counts the runs of. */
export type Counted = Pick<Run, 'project' | 'slug' | 'state' | 'archivedAt'>;

const add =
  statement(`INSERT INTO run_counts (project, slug, state, archived, runs) VALUES ($1, $2, $3, $4, 1)
  ON CONFLICT (project, slug, state, archived) DO UPDATE SET runs = run_counts.runs + 1`);
const move =
  statement(`UPDATE run_counts SET runs = runs + CASE WHEN state = $3 AND archived = $4 THEN -1 ELSE 1 END
  WHERE project = $1 AND slug = $2 AND (state = $3 AND archived = $4 OR state = $5 AND archived = $6)`);

const sums = (where: string): Statement =>
  statement(`SELECT state, archived, SUM(runs) AS runs FROM run_counts ${where} GROUP BY state, archived`);
const everywhere = sums('');
const ofProject = sums('WHERE project = $1');
const ofSlug = sums('WHERE slug = $1');
const ofJob = sums('WHERE project = $1 AND slug = $2');

export async function countRun(sql: Sql, run: Counted): Promise<void> {
  await sql.run(add, place(run));
}

/** Moves a run from the counter that it is in to another one. */
export async function moveCount(sql: Sql, from: Counted, to: Counted): Promise<void> {
  if (from.state === to.state && archivedOf(from) === archivedOf(to)) return;
  const moved = await sql.run(move, [...place(from), to.state, archivedOf(to)]);
  if (moved < 2) await sql.run(add, place(to));
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
