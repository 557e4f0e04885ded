import { applyHeld } from './apply.ts';
import { claimAttempt } from './claim.ts';
import type { AttemptReads, AttemptWrites } from './contract/runs.ts';
import type { Sql, Transaction } from './sql.ts';
import {
  attemptById,
  attemptsOfRun,
  recordAttemptProgress,
  renewLease,
  runningAttempts,
} from './statements/attempts.ts';
import { ensureEngine } from './statements/engines.ts';
import { adoptAttempt, runOfHeld } from './statements/held.ts';
import { waitingPlatforms } from './statements/lines.ts';
import { addLeftover, leftoversOf, removeLeftover } from './statements/leftovers.ts';
import { recordRunProgress } from './statements/runChanges.ts';

export function attemptReads(sql: Sql): AttemptReads {
  return {
    attempts: (runId) => attemptsOfRun(sql, runId),
    attempt: (id) => attemptById(sql, id),
    runningAttempts: () => runningAttempts(sql),
    leftovers: (engine) => leftoversOf(sql, engine),
  };
}

export function attemptWrites(sql: Transaction): AttemptWrites {
  return {
    waitingPlatforms: () => waitingPlatforms(sql),
    async claimAttempt(claim, now) {
      const engineKey = claim.engine === null ? null : await ensureEngine(sql, claim.engine, now);
      return claimAttempt(sql, claim, engineKey, now);
    },
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
