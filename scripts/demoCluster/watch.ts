import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../test/fixtures/cluster/cluster.ts';
import { paint } from '../demo/terminal.ts';

export interface Progress {
  runs: number;
  ended: number;
  /** How many attempts each has under way: a worker by its name, and `servers` for what they call. */
  running: ReadonlyMap<string, number>;
}

const [lookMs, printMs, barWidth] = [100, 1000, 30];
const longestMs = 180_000;

const counts = `SELECT count(*)::int AS runs, count(completed_at)::int AS ended FROM runs`;
const holders = `SELECT coalesce(engine, 'servers') AS name, count(*)::int AS attempts
  FROM attempts WHERE state = 'running' GROUP BY engine ORDER BY engine IS NULL, engine`;

/** Waits for something, and prints once a second how far it is. */
export function watchUntil(
  { postgres }: Cluster,
  stopped: AbortSignal,
): (isThere: (progress: Progress) => boolean | Promise<boolean>) => Promise<void> {
  const startedAt = performance.now();
  let printedAt = -Infinity;

  async function look(): Promise<Progress> {
    const [[all], rows] = await Promise.all([postgres.script(counts), postgres.script(holders)]);
    const running = new Map(rows.map(({ name, attempts }) => [String(name), Number(attempts)]));
    return { runs: Number(all?.['runs']), ended: Number(all?.['ended']), running };
  }

  function print(progress: Progress, isLast: boolean): void {
    const now = performance.now();
    if (now < printedAt + printMs && !(isLast && progress.ended === progress.runs)) return;
    printedAt = now;
    console.log(lineOf(progress, (now - startedAt) / 1000));
  }

  return async (isThere) => {
    for (;;) {
      stopped.throwIfAborted();
      const progress = await look();
      const isOver = await isThere(progress);
      print(progress, isOver);
      if (isOver) return;
      if (performance.now() > startedAt + longestMs) throw new Error('The runs do not come to an end.');
      await pause(lookMs, undefined, { signal: stopped });
    }
  };
}

function lineOf({ runs, ended, running }: Progress, seconds: number): string {
  const full = Math.round((ended / runs) * barWidth);
  const bar = `${paint('green', '█'.repeat(full))}${paint('dim', '░'.repeat(barWidth - full))}`;
  const busy = [...running].map(([name, attempts]) => `${name} ${attempts}`).join('  ');
  return `  ${seconds.toFixed(1).padStart(5)} s  ${bar}  ${String(ended).padStart(3)}/${runs}  ${paint('dim', busy)}`;
}
