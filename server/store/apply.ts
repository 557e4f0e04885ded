import type { Attempt, Run } from '../words/run.ts';
import type { AttemptPatch, Change } from '../words/transitions/change.ts';
import type { HeldAttempt } from './contract/runs.ts';
import { followLine } from './lines.ts';
import { type Birth, queueAttempts } from './queueing.ts';
import { courseBy, relist } from './relisting.ts';
import type { Sql, Transaction } from './sql.ts';
import { courseOfAttempt } from './statements/attemptCourses.ts';
import { changeAttempt, changeHeldAttempt, type Standing } from './statements/attempts.ts';
import type { Counted } from './statements/courseCounts.ts';
import { moveCount } from './statements/counters.ts';
import { recordEnd } from './statements/jobStats.ts';
import { leaveFreeLine, leaveLine, type Line, moveLine, type OwnLine } from './statements/lines.ts';
import { changeHeldRun, changeRun } from './statements/runChanges.ts';

/**
 * Applies a transition to the rows it was made from. False, and nothing changed, where one of them is no longer as
 * `run` and `attempt` tell. What needs no answer of the other is started together: over a network it takes as long as one.
 */
export async function applyChange(
  sql: Transaction,
  run: Run,
  attempt: Attempt | undefined,
  change: Change,
  nextAttemptId: string,
): Promise<boolean> {
  const by = attempt && change.attempt ? courseBy(run, attempt, change) : 0;
  const [left, known] = await Promise.all([
    change.attempt && applyToAttempt(sql, run, attempt, change.attempt, by),
    changeRun(
      sql,
      run,
      attempt && { ...attempt, ...change.attempt },
      change.run,
      stateChangedAt(run, attempt, change),
    ),
  ]);
  if (known === undefined || (change.attempt && left === undefined)) {
    // Each is changed under the condition that the other is as it was: only somebody else's mistake changes one alone.
    if (known !== undefined || left !== undefined)
      throw new Error(`run ${run.id} and its attempt do not fit together`);
    return false;
  }
  const { slug, origin } = known;
  const listed = { origin, course: await courseBefore(sql, attempt, left, by) };
  const before = { attempt, run: { ...run, slug }, line: left?.line, listed, by };
  await follow(sql, before, change, nextAttemptId);
  return true;
}

/** The same for rows that this transaction has read: it goes on before it is answered. */
export async function applyHeld(
  sql: Transaction,
  held: HeldAttempt,
  change: Change,
  nextAttemptId: string,
): Promise<void> {
  const { run, attempt } = held;
  const by = change.attempt ? courseBy(run, attempt, change) : 0;
  // Nobody takes it again in this transaction.
  const mayWait = change.next === undefined;
  if (change.attempt) changeHeldAttempt(sql, attempt, change.attempt, { courseBy: by, mayWait });
  changeHeldRun(sql, run, change.run, { at: stateChangedAt(run, attempt, change), mayWait });
  await follow(sql, { run, attempt, line: held.line, listed: held.listed, by }, change, nextAttemptId);
}

/** What the course of an attempt was before a change moved it `by`. */
async function courseBefore(
  sql: Sql,
  attempt: Attempt | undefined,
  left: Standing | undefined,
  by: number,
): Promise<number> {
  if (left) return left.listed.course - by;
  return attempt ? courseOfAttempt(sql, attempt.id) : 0;
}

/** When the run's state changes; undefined where it stays. */
function stateChangedAt(run: Run, attempt: Attempt | undefined, change: Change): number | undefined {
  const { state, completedAt } = change.run;
  if (state === undefined || state === run.state) return undefined;
  if (state === 'running') return attempt?.startedAt ?? undefined;
  return change.attempt?.finishedAt ?? completedAt ?? change.at ?? change.next?.availableAt;
}

interface Before {
  run: Run;
  attempt: Attempt | undefined;
  line: OwnLine | undefined;
  /** Where the attempt is counted. */
  listed: Counted;
  /** By how much the change moves its course. */
  by: number;
}

/** What follows from a change, as things were before it: counters, the next attempt, and the gates of the line. */
async function follow(
  sql: Transaction,
  { run, attempt, line: own, listed, by }: Before,
  change: Change,
  nextAttemptId: string,
): Promise<void> {
  const after = { ...run, ...change.run };
  moveCount(sql, run, after);
  recordEnd(sql, run, after);
  await relist(sql, { before: run, after, listed, by });
  const births = change.next ? [birthOf(run, listed.origin, change, nextAttemptId)] : [];
  const [joined] = await queueAttempts(sql, births);
  const line = (await leave(sql, own, attempt, change)) ?? joined;
  const now = change.attempt?.finishedAt ?? change.next?.availableAt;
  if (line && now !== undefined) await followLine(sql, line, now);
}

/** Gives the line of the attempt; undefined, and nothing changed, where the attempt or the run is not as they tell. */
function applyToAttempt(
  sql: Sql,
  run: Run,
  attempt: Attempt | undefined,
  patch: AttemptPatch,
  by: number,
): Promise<Standing | undefined> {
  if (!attempt) throw new Error(`run ${run.id}: a change of an attempt needs the attempt`);
  return changeAttempt(sql, run, attempt, patch, by);
}

/** The next attempt is queued when the one before it ended, and stands in the same line. */
function birthOf(run: Run, origin: number | null, { attempt, next }: Change, id: string): Birth {
  if (!next) throw new Error('no attempt follows this change');
  const queuedAt = attempt?.finishedAt ?? next.availableAt;
  return { run, origin, id, priority: run.priority, queuedAt, ...next };
}

/** Counts in its line an attempt that has ended; undefined where none has, or where nothing follows from it. */
async function leave(
  sql: Transaction,
  line: OwnLine | undefined,
  attempt: Attempt | undefined,
  { attempt: patch }: Change,
): Promise<Line | undefined> {
  if (line === undefined || patch?.finishedAt === undefined) return undefined;
  if (attempt?.state !== 'running') return moveLine(sql, line.key, -1, 0);
  if (line.isBound) return leaveLine(sql, line.key);
  leaveFreeLine(sql, line.key);
  return undefined;
}
