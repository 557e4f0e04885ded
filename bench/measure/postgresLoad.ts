import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestPostgres } from '../../test/fixtures/postgres.ts';
import { cpuSeconds, cpuSecondsOfChildren } from './process.ts';

/** What a PostgreSQL did so far. */
export interface PostgresLoad {
  commits: number;
  walBytes: number;
  /** Now. */
  connections: number;
  cpuSeconds: number;
}

export async function loadOf({ script, folder }: TestPostgres): Promise<PostgresLoad> {
  const [row] = await script(`SELECT
    (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::text AS commits,
    (SELECT wal_bytes FROM pg_stat_wal)::text AS wal,
    (SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL)::int AS connections`);
  return {
    commits: Number(row?.['commits']),
    walBytes: Number(row?.['wal']),
    connections: Number(row?.['connections']),
    cpuSeconds: cpuOfPostgres(folder),
  };
}

/** How many processes wait to write, looked at ten times a second. */
export async function writersWaiting(
  { script }: TestPostgres,
  ms: number,
): Promise<{ mean: number; most: number }> {
  const seen: number[] = [];
  const waiters = "SELECT count(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  for (const until = performance.now() + ms; performance.now() < until;) {
    seen.push(Number((await script(waiters))[0]?.['waiting']));
    await pause(Math.min(100, Math.max(0, until - performance.now())));
  }
  return { mean: seen.reduce((sum, one) => sum + one, 0) / seen.length, most: Math.max(...seen) };
}

/** Processor time so far, in seconds: its own, of its processes that run, and of those that ended. */
function cpuOfPostgres(folder: string): number {
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((file) =>
    readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  const running = children.reduce((sum, child) => sum + secondsOf(child), 0);
  return cpuSeconds({ pid }) + cpuSecondsOfChildren({ pid }) + running;
}

/** One may have ended meanwhile. */
function secondsOf(pid: number): number {
  try {
    return cpuSeconds({ pid });
  } catch {
    return 0;
  }
}
