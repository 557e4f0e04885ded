import { type RunState, runStates } from '../../words/run.ts';
import { integer, oneOf } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const ofAll = statement(
  'SELECT state, CAST(SUM(runs) AS BIGINT) AS runs FROM run_counts GROUP BY state ORDER BY state',
);
const ofProject = statement(`SELECT state, CAST(SUM(runs) AS BIGINT) AS runs FROM run_counts
  WHERE project = $1 GROUP BY state ORDER BY state`);

/** How many runs there are in each state that there are any in. */
export async function runCounts(
  sql: Sql,
  project: string | undefined,
): Promise<Partial<Record<RunState, number>>> {
  const rows = await (project === undefined ? sql.all(ofAll, []) : sql.all(ofProject, [project]));
  return Object.fromEntries(rows.map((row) => [oneOf(runStates, row, 'state'), integer(row, 'runs')]));
}
