import { limitsOf } from '../words/gate.ts';
import type { AttemptClaim, HeldAttempt } from './contract/runs.ts';
import { claimChange } from './course.ts';
import { gateOf, settleJob } from './gates.ts';
import { followLine } from './lines.ts';
import type { Sql, Transaction } from './sql.ts';
import { giveAttemptBack, type TakenAttempt, takeAttempts } from './statements/claims.ts';
import { runsOfLease } from './statements/held.ts';
import { limitedJob } from './statements/jobs.ts';
import { serveFreeLine, serveLine } from './statements/lines.ts';
import { addStart } from './statements/rateStarts.ts';

/**
 * Takes the attempt whose turn it is, and up to `most` that come after it where nothing follows from taking one. Gates
 * follow each change but one: another job's start on a budget that both share. So the job's gate is looked at once more;
 * where it has closed, it is stored as closed and the next one is taken.
 */
export async function claimAttempts(
  sql: Transaction,
  claim: AttemptClaim,
  { engineKey, most }: { engineKey: number | null; most: number },
  now: number,
): Promise<HeldAttempt[]> {
  const courseBy = claimChange(engineKey);
  for (;;) {
    const taken = await take(sql, claim, { courseBy, most }, now);
    const [first, last] = [taken[0], taken.at(-1)];
    if (!first || !last) return [];
    const { attempt, line, limitedJob: jobId } = first;
    if (jobId === undefined) {
      // Nothing follows from it, for the line is not limited and has somebody running.
      serveFreeLine(sql, line.key, { last: last.attempt, count: taken.length }, now);
      return taken;
    }
    if (await startIn(sql, jobId, now)) {
      await followLine(sql, await serveLine(sql, line.key, attempt, now), now);
      return taken;
    }
    await giveAttemptBack(sql, attempt.key, courseBy);
    await settleJob(sql, jobId, now);
  }
}

/** The attempts that are taken, with their runs. */
async function take(
  sql: Sql,
  claim: AttemptClaim,
  wish: { courseBy: number; most: number },
  now: number,
): Promise<(HeldAttempt & Pick<TakenAttempt, 'limitedJob'>)[]> {
  // Asked for together: over a network it takes as long as one.
  const [taken, runs] = await Promise.all([takeAttempts(sql, claim, wish, now), runsOfLease(sql, claim)]);
  const byId = new Map(runs.map((run) => [run.id, run]));
  if (byId.size !== taken.length) throw new Error(`the lease ${claim.leaseId} was given before`);
  return taken.map(({ attempt, line, listed, limitedJob: jobId }) => {
    const run = byId.get(attempt.runId);
    if (!run) throw new Error(`the lease ${claim.leaseId} was given before`);
    return { attempt, line, listed, limitedJob: jobId, run };
  });
}

/** Counts a start against the job's budgets; false where its gate is closed. */
async function startIn(sql: Sql, jobId: string, now: number): Promise<boolean> {
  const job = await limitedJob(sql, jobId);
  if (!(await gateOf(sql, job, now)).open) return false;
  for (const { name } of limitsOf(job.definition).rateLimitKeys) await addStart(sql, job.project, name, now);
  return true;
}
