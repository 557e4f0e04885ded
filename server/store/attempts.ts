import { applyHeld } from './apply.ts';
import { claimAttempts } from './claim.ts';
import type { AttemptClaim, AttemptReads, AttemptWrites, HeldAttempt } from './contract/runs.ts';
import type { Sql, Transaction } from './sql.ts';
import {
  attemptById,
  attemptsOfRun,
  recordAttemptProgress,
  renewLease,
  runningAttempts,
  runningLeases,
} from './statements/attempts.ts';
import { ensureEngine } from './statements/engines.ts';
import { adoptAttempt, runOfHeld } from './statements/held.ts';
import { waitingPlatforms } from './statements/lines.ts';
import { addLeftover, leftoversOf, removeLeftover } from './statements/leftovers.ts';
import { recordRunProgress } from './statements/runChanges.ts';
import { stepsOfRuns } from './statements/runNews.ts';

export function attemptReads(sql: Sql): AttemptReads {
  return {
    attempts: (runId) => attemptsOfRun(sql, runId),
    attempt: (id) => attemptById(sql, id),
    stepsOfRuns: (runIds) => stepsOfRuns(sql, runIds),
    runningAttempts: () => runningAttempts(sql),
    runningLeases: () => runningLeases(sql),
    leftovers: (engine) => leftoversOf(sql, engine),
  };
}

export function attemptWrites(sql: Transaction): AttemptWrites {
  return {
    waitingPlatforms: () => waitingPlatforms(sql),
    claimAttempts: (claim, most, now) => claimFor(sql, claim, most, now),
    claimAttempt: async (claim, now) => (await claimFor(sql, claim, 1, now))[0],
    async heldAttempt(attempt) {
      const known = await runOfHeld(sql, attempt);
      return known && { attempt, ...known };
    },
    applyHeld: (held, change, nextAttemptId) => applyHeld(sql, held, change, nextAttemptId),
    renewLease: (attemptId, leaseId, expiresAt) => renewLease(sql, attemptId, leaseId, expiresAt),
    adoptAttempt: (attempt, leaseId, expiresAt) => adoptAttempt(sql, attempt, leaseId, expiresAt),
    async recordProgress(attemptId, leaseId, progress) {
      if (!(await recordAttemptProgress(sql, attemptId, leaseId, progress))) return false;
      if (progress.phase ?? progress.commit) await recordRunProgress(sql, attemptId, progress);
      return true;
    },
    addLeftover: (leftover) => addLeftover(sql, leftover),
    removeLeftover: (engine, attemptId) => removeLeftover(sql, engine, attemptId),
    ensureEngine: (name, now) => ensureEngine(sql, name, now),
  };
}

async function claimFor(
  sql: Transaction,
  claim: AttemptClaim,
  most: number,
  now: number,
): Promise<HeldAttempt[]> {
  const engineKey = claim.engine === null ? null : await ensureEngine(sql, claim.engine, now);
  return claimAttempts(sql, claim, { engineKey, most }, now);
}
