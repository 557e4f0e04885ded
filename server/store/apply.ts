import type { Attempt, Run } from '../words/run.ts';
import type { Change } from '../words/transitions.ts';
import type { Sql } from './sql.ts';
import { changeAttempt, insertAttempt, isUnchanged } from './statements/attempts.ts';
import { moveCount } from './statements/counters.ts';
import { changeRun } from './statements/runs.ts';

/**
 * Applies a transition to the rows it was made from. False, and nothing changed, where one of them is no longer as
 * `run` and `attempt` tell. The attempt comes first, as in a claim: nobody who waits for it holds the run.
 */
export async function applyChange(
  sql: Sql,
  run: Run,
  attempt: Attempt | undefined,
  change: Change,
  nextAttemptId: string,
): Promise<boolean> {
  if (change.attempt && !attempt) throw new Error(`run ${run.id}: a change of an attempt needs the attempt`);
  if (attempt && !(await applyToAttempt(sql, run, attempt, change))) return false;
  if (!(await changeRun(sql, run, change.run))) {
    // Its attempt was changed a moment ago under the same conditions: undone together with the whole work.
    if (change.attempt) throw new Error(`run ${run.id} was changed while its attempt was: try again`);
    return false;
  }
  await moveCount(sql, run, { ...run, ...change.run });
  if (change.next)
    await insertAttempt(sql, { ...change.next, ...born(run, change), id: nextAttemptId, runId: run.id });
  return true;
}

function applyToAttempt(sql: Sql, run: Run, attempt: Attempt, change: Change): Promise<boolean> {
  return change.attempt ? changeAttempt(sql, run, attempt, change.attempt) : isUnchanged(sql, run, attempt);
}

/** The next attempt is queued when the one before it ended. */
function born(run: Run, { attempt, next }: Change): { priority: number; queuedAt: number } {
  return { priority: run.priority, queuedAt: attempt?.finishedAt ?? next?.availableAt ?? run.createdAt };
}
