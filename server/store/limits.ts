import { isLimited, limitsOf } from '../words/gate.ts';
import type { Job } from '../words/job.ts';
import { settleJob } from './gates.ts';
import type { Sql } from './sql.ts';
import { frontsOf } from './statements/fronts.ts';
import type { Copies } from './statements/jobs.ts';
import { resetLines } from './statements/lines.ts';
import { knowBudget } from './statements/rateStarts.ts';

/** What a job's row has to say about its current version. */
export function copiesOf(job: Pick<Job, 'enabled' | 'paused' | 'definition'>): Copies {
  return { limited: isLimited(job), roundRobin: job.definition.supersedePolicy === 'round_robin' };
}

/** Makes known what a version's budgets are, before anything starts on them. */
export async function knowBudgets(
  sql: Sql,
  { project, definition }: Pick<Job, 'project' | 'definition'>,
): Promise<void> {
  for (const key of limitsOf(definition).rateLimitKeys) await knowBudget(sql, project, key);
}

/** Makes the lines of a job, and their gates, fit what the job says now. */
export async function resetJob(sql: Sql, job: Job, now: number): Promise<void> {
  const maxPerLane = limitsOf(job.definition).maxConcurrencyPerKey;
  const queues = await frontsOf(sql, job.id);
  await resetLines(sql, job.id, { ...copiesOf(job), maxPerLane });
  await settleJob(sql, job.id, now, [...queues.values()]);
}
