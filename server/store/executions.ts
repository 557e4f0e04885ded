import type { ExecutionReads, ExecutionWrites } from './contract/executions.ts';
import { countExecutions, executionCounts, executionKeys } from './lists/executions.ts';
import { queueDepths } from './lists/queueDepths.ts';
import { countListedRuns, listedRunKeys } from './lists/runs.ts';
import { sumUpAttempts } from './lists/sumUp.ts';
import type { Sql } from './sql.ts';
import { knownEngines } from './statements/executedJobs.ts';
import { executionsByKey, listedRunsByKey } from './statements/executionRows.ts';

/** What a list needs several questions for is answered from one state. */
export function executionReads(sql: Sql): ExecutionReads {
  return {
    executions: (filter, order, page) =>
      sql.together(async (one) => executionsByKey(one, await executionKeys(one, filter, order, page))),
    countExecutions: (filter) => sql.together((one) => countExecutions(one, filter)),
    execution: async (key) => (await sql.together((one) => executionsByKey(one, [key])))[0],
    listedRuns: (filter, order, page) =>
      sql.together(async (one) => listedRunsByKey(one, await listedRunKeys(one, filter, order, page))),
    countListedRuns: (filter) => sql.together((one) => countListedRuns(one, filter)),
    listedRun: async (key) => (await sql.together((one) => listedRunsByKey(one, [key])))[0],
    queueDepths: (project) => sql.together((one) => queueDepths(one, project)),
    executionCounts: (project) => sql.together((one) => executionCounts(one, project)),
    knownEngines: () => knownEngines(sql),
  };
}

export function executionWrites(sql: Sql): ExecutionWrites {
  return { sumUpAttempts: (fromKey, size) => sumUpAttempts(sql, fromKey, size) };
}
