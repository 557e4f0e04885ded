import type { StatsReads, StatsWrites } from './contract/stats.ts';
import type { Sql } from './sql.ts';
import { jobStats, pruneStats } from './statements/jobStats.ts';
import { runCounts } from './statements/runStats.ts';

export function statsReads(sql: Sql): StatsReads {
  return {
    runCounts: (project) => runCounts(sql, project),
    jobStats: (jobId, since, now) => jobStats(sql, jobId, since, now),
  };
}

export function statsWrites(sql: Sql): StatsWrites {
  return { pruneStats: (now, limit) => pruneStats(sql, now, limit) };
}
