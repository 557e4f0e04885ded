import type { Attempt, Run } from '../words/run.ts';
import type { Change } from '../words/transitions/change.ts';
import { courseChange, runCourse, waiting } from './course.ts';
import type { Transaction } from './sql.ts';
import { moveAttempts, moveEarlier } from './statements/attemptCourses.ts';
import { countAttempts, type Counted, countRuns, moveCounts } from './statements/courseCounts.ts';
import { ensureOrigin } from './statements/origins.ts';
import { moveRun } from './statements/runs.ts';

/** By how much a change moves the course of the attempt that it is about. */
export function courseBy(run: Run, attempt: Attempt, { run: ofRun, attempt: ofAttempt }: Change): number {
  const { state = attempt.state, reason = attempt.reason } = ofAttempt ?? {};
  const after = { attempt: { state, reason }, run: { state: ofRun.state ?? run.state } };
  return courseChange({ run, attempt }, after);
}

/** A run before and after a change, and where its attempt is counted. */
export interface Relisted {
  before: Run;
  after: Run;
  listed: Counted;
  /** By how much the course of the attempt has changed. */
  by: number;
}

/**
 * Counts the run and all its attempts where lists look for them after a change. A claim has changed the course of its
 * attempt already, and is counted here, too: with the start of the run.
 */
export async function relist(
  sql: Transaction,
  { before, after, listed: { origin, course }, by }: Relisted,
): Promise<void> {
  const isStart = before.state === 'queued' && after.state === 'running';
  moveCounts(sql, origin, {
    attempt: isStart ? { from: waiting, to: course } : { from: course, to: course + by },
    run: { from: runCourse(before), to: runCourse(after) },
  });
  if (after.state !== before.state && before.attempt > 1) await followEarlier(sql, before, after);
  if (after.jobVersion !== before.jobVersion && origin !== null) await changeOrigin(sql, after, origin);
}

/** The attempts before the newest one tell how their run stands, too. */
async function followEarlier(sql: Transaction, run: Run, after: Run): Promise<void> {
  const none = { state: 'queued', reason: null } as const;
  const by = courseChange({ attempt: none, run }, { attempt: none, run: after });
  for (const { origin, course } of await moveEarlier(sql, run, by)) {
    countAttempts(sql, { origin, course: course - by }, -1);
    countAttempts(sql, { origin, course }, 1);
  }
}

async function changeOrigin(sql: Transaction, run: Run, from: number): Promise<void> {
  const origin = await ensureOrigin(sql, run);
  await moveRun(sql, run.id, origin);
  countRuns(sql, { origin: from, course: runCourse(run) }, -1);
  countRuns(sql, { origin, course: runCourse(run) }, 1);
  for (const { course } of await moveAttempts(sql, run.id, origin)) {
    countAttempts(sql, { origin: from, course }, -1);
    countAttempts(sql, { origin, course }, 1);
  }
}
