import { isQueueOpen, jobGate, limitsOf } from '../words/gate.ts';
import type { Sql } from './sql.ts';
import { freeLane, openFirst, setFronts } from './statements/fronts.ts';
import { limitedJob, type LimitedJob, setReopensAt } from './statements/jobs.ts';
import type { LineName } from './statements/lines.ts';
import { queueFacts } from './statements/queues.ts';
import { budgetFacts } from './statements/rateStarts.ts';

/** Makes the gates fit what is in the store at `now`, after something happened in a limited line. */
export async function settleLine(sql: Sql, { jobId, lane, queue }: LineName, now: number): Promise<void> {
  const job = await limitedJob(sql, jobId);
  const { maxConcurrencyPerKey } = limitsOf(job.definition);
  if (lane !== '' && maxConcurrencyPerKey > 0) await freeLane(sql, jobId, lane, maxConcurrencyPerKey);
  await settleFronts(sql, jobId, job, now, [queue]);
}

/** The same after something happened to the whole job. `queues` are those that it had a line in front of. */
export async function settleJob(
  sql: Sql,
  jobId: string,
  now: number,
  queues: readonly string[] = [],
): Promise<void> {
  await settleFronts(sql, jobId, await limitedJob(sql, jobId), now, queues);
}

/** Whether one more attempt of a job may start, as far as the job is concerned. */
export async function gateOf(sql: Sql, job: LimitedJob, now: number) {
  const { maxConcurrency, rateLimitKeys } = limitsOf(job.definition);
  const budgets = [];
  for (const key of rateLimitKeys) budgets.push(await budgetFacts(sql, job.project, key, now));
  return jobGate({ ...job, maxConcurrency, budgets }, now);
}

/** `queues` are looked at in any case. */
async function settleFronts(
  sql: Sql,
  jobId: string,
  job: LimitedJob,
  now: number,
  queues: readonly string[],
): Promise<void> {
  const { open, reopensAt } = await gateOf(sql, job, now);
  if (reopensAt !== job.reopensAt) await setReopensAt(sql, jobId, reopensAt);
  const changed = await setFronts(sql, jobId, open);
  for (const queue of new Set([...queues, ...changed])) await settleQueue(sql, queue);
}

/** The same for one queue. Where it is not set, whatever its jobs let go may go. */
export async function settleQueue(sql: Sql, queue: string): Promise<void> {
  const facts = await queueFacts(sql, queue);
  if (facts) await openFirst(sql, queue, isQueueOpen(facts));
}
