import type { Sql } from './sql.ts';
import { attemptById, attemptsOfRun, nextAvailableAt, runningAttempts } from './statements/attempts.ts';
import { jobById, jobBySlug } from './statements/jobs.ts';
import { leftoversOf } from './statements/leftovers.ts';
import { ping } from './statements/meta.ts';
import { countRuns, listRuns } from './statements/runLists.ts';
import { archivableRuns, runById } from './statements/runs.ts';
import { sealedSecret } from './statements/secrets.ts';
import type { Reads } from './store.ts';

/** The questions that can be asked through one connection. */
export function createReads(sql: Sql): Reads {
  return {
    run: (id) => runById(sql, id),
    runs: (filter, page) => listRuns(sql, filter, page),
    countRuns: (filter) => countRuns(sql, filter),
    attempts: (runId) => attemptsOfRun(sql, runId),
    attempt: (id) => attemptById(sql, id),
    job: (id) => jobById(sql, id),
    jobBySlug: (project, slug) => jobBySlug(sql, project, slug),
    runningAttempts: () => runningAttempts(sql),
    nextAvailableAt: () => nextAvailableAt(sql),
    archivable: (completedBefore, limit) => archivableRuns(sql, completedBefore, limit),
    leftovers: (engine) => leftoversOf(sql, engine),
    secret: (runId, name) => sealedSecret(sql, runId, name),
    ping: () => ping(sql),
  };
}
