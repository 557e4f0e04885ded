import type { Attempt, Run } from '../words/run.ts';
import type { AttemptPatch, Change } from '../words/transitions/change.ts';
import { followLine } from './lines.ts';
import { type Birth, queueAttempt } from './queueing.ts';
import type { Sql } from './sql.ts';
import { changeAttempt } from './statements/attempts.ts';
import { moveCount } from './statements/counters.ts';
import { recordEnd } from './statements/jobStats.ts';
import { type Line, moveLine } from './statements/lines.ts';
import { changeRun } from './statements/runChanges.ts';

/**
 * Applies a transition to the rows it was made from. False, and nothing changed, where one of them is no longer as
 * `run` and `attempt` tell. What needs no answer of the other is started together: over a network it takes as long as one.
 */
export async function applyChange(
  sql: Sql,
  run: Run,
  attempt: Attempt | undefined,
  change: Change,
  nextAttemptId: string,
): Promise<boolean> {
  const [left, slug] = await Promise.all([
    change.attempt && applyToAttempt(sql, run, attempt, change.attempt),
    changeRun(sql, run, attempt && { ...attempt, ...change.attempt }, change.run),
  ]);
  if (slug === undefined || (change.attempt && left === undefined)) {
    // Each is changed under the condition that the other is as it was: only somebody else's mistake changes one alone.
    if (slug !== undefined || left !== undefined)
      throw new Error(`run ${run.id} and its attempt do not fit together`);
    return false;
  }
  const [before, after] = [
    { ...run, slug },
    { ...run, ...change.run, slug },
  ];
  const follow = async () => {
    const joined = change.next && (await queueAttempt(sql, run, birthOf(run, change, nextAttemptId)));
    const line = (await leaveLine(sql, left, attempt, change)) ?? joined;
    const now = change.attempt?.finishedAt ?? change.next?.availableAt;
    if (line && now !== undefined) await followLine(sql, line, now);
  };
  // None of these looks at what another one writes.
  await Promise.all([moveCount(sql, before, after), recordEnd(sql, before, after), follow()]);
  return true;
}

/** Gives the line of the attempt; undefined, and nothing changed, where the attempt or the run is not as they tell. */
function applyToAttempt(
  sql: Sql,
  run: Run,
  attempt: Attempt | undefined,
  patch: AttemptPatch,
): Promise<number | undefined> {
  if (!attempt) throw new Error(`run ${run.id}: a change of an attempt needs the attempt`);
  return changeAttempt(sql, run, attempt, patch);
}

/** The next attempt is queued when the one before it ended, and stands in the same line. */
function birthOf({ priority }: Run, { attempt, next }: Change, id: string): Birth {
  if (!next) throw new Error('no attempt follows this change');
  return { id, priority, queuedAt: attempt?.finishedAt ?? next.availableAt, ...next };
}

/** Counts in its line an attempt that has ended; undefined where none has. */
async function leaveLine(
  sql: Sql,
  key: number | undefined,
  attempt: Attempt | undefined,
  { attempt: patch }: Change,
): Promise<Line | undefined> {
  if (key === undefined || patch?.finishedAt === undefined) return undefined;
  return attempt?.state === 'running' ? moveLine(sql, key, 0, -1) : moveLine(sql, key, -1, 0);
}
