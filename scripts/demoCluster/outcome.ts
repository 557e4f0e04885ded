import type { Cluster } from '../../test/fixtures/cluster/cluster.ts';
import { paint } from '../demo/terminal.ts';

const ran = `SELECT coalesce(a.engine, 'servers') AS name,
    count(*) FILTER (WHERE r.kind = 'image' AND a.state = 'succeeded')::int AS builds,
    count(*) FILTER (WHERE r.kind = 'container' AND a.state = 'succeeded')::int AS containers,
    count(*) FILTER (WHERE r.kind = 'http' AND a.state = 'succeeded')::int AS calls,
    count(*) FILTER (WHERE a.state = 'lost')::int AS lost
  FROM attempts a JOIN runs r ON r.id = a.run_id GROUP BY engine ORDER BY engine IS NULL, engine`;

const columns = ['builds', 'containers', 'calls', 'lost'] as const;

/** Who did what, and whether all of it came to one good end. */
export async function outcomeOf(
  cluster: Cluster,
  tookMs: number,
): Promise<{ text: string; isRight: boolean }> {
  const { ends, attempts, runs, mistakes } = await cluster.account();
  const rows = await cluster.postgres.script(ran);
  const completed = ends['completed'] ?? 0;
  const isRight = completed === runs && mistakes.length === 0;
  const verdict = `${completed} of ${runs} runs completed in ${(tookMs / 1000).toFixed(1)} s, each of them once`;
  const lines = [
    row('', columns),
    ...rows.map((one) =>
      row(
        String(one['name']),
        columns.map((column) => asCell(one[column])),
      ),
    ),
    '',
    paint(isRight ? 'green' : 'red', verdict),
    `${attempts['lost'] ?? 0} attempts were lost with their process, and done again`,
    ...(mistakes.length === 0 ? ['Nothing is left on the engines'] : mistakes),
  ];
  return { text: lines.map((line) => `  ${line}`.trimEnd()).join('\n'), isRight };
}

function row(name: string, cells: readonly string[]): string {
  return paint('bold', name.padEnd(10)) + cells.map((cell) => cell.padStart(12)).join('');
}

function asCell(count: unknown): string {
  return count === 0 ? '·' : String(count);
}
