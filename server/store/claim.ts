import { limitsOf } from '../words/gate.ts';
import type { AttemptClaim, HeldAttempt } from './contract/runs.ts';
import { claimChange } from './course.ts';
import { gateOf, settleJob } from './gates.ts';
import { followLine } from './lines.ts';
import type { Sql, Transaction } from './sql.ts';
import { giveAttemptBack, takeAttempt } from './statements/attempts.ts';
import { runOfLease } from './statements/held.ts';
import { limitedJob } from './statements/jobs.ts';
import { serveFreeLine, serveLine } from './statements/lines.ts';
import { addStart } from './statements/rateStarts.ts';

/**
 * Takes the attempt whose turn it is. Gates follow each change but one: another job's start on a budget that both share.
 * So the job's gate is looked at once more; where it has closed, it is stored as closed and the next one is taken.
 */
export async function claimAttempt(
  sql: Transaction,
  claim: AttemptClaim,
  engineKey: number | null,
  now: number,
): Promise<HeldAttempt | undefined> {
  const courseBy = claimChange(engineKey);
  for (;;) {
    // Asked for together: over a network it takes as long as one.
    const [taken, run] = await Promise.all([takeAttempt(sql, claim, courseBy, now), runOfLease(sql, claim)]);
    if (!taken) return undefined;
    const { attempt, line, listed, limitedJob: jobId } = taken;
    if (run?.id !== attempt.runId) throw new Error(`the lease ${claim.leaseId} was given before`);
    if (jobId === undefined) {
      // Nothing follows from it, for the line is not limited and has somebody running.
      serveFreeLine(sql, line.key, attempt, now);
      return { attempt, run, line, listed };
    }
    if (await startIn(sql, jobId, now)) {
      await followLine(sql, await serveLine(sql, line.key, attempt, now), now);
      return { attempt, run, line, listed };
    }
    await giveAttemptBack(sql, attempt.key, courseBy);
    await settleJob(sql, jobId, now);
  }
}

/** Counts a start against the job's budgets; false where its gate is closed. */
async function startIn(sql: Sql, jobId: string, now: number): Promise<boolean> {
  const job = await limitedJob(sql, jobId);
  if (!(await gateOf(sql, job, now)).open) return false;
  for (const { name } of limitsOf(job.definition).rateLimitKeys) await addStart(sql, job.project, name, now);
  return true;
}
