import type { Job, OverlapPolicy } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { supersededSentence } from '../../words/supersede.ts';
import { tickAfter, tickCounts } from '../../words/ticks.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import type { Changes } from '../settling/changes.ts';
import { stopRun } from '../settling/stop.ts';
import { checked, submitIn } from '../submit/submit.ts';

const nothing = { value: {}, text: '{}' };

/** Open runs of a job that one tick cancels at most. */
const mostCanceled = 100;

/**
 * Fires up to `limit` schedules that are due; how many there were. A tick and the run that it makes are one transaction,
 * and who takes it from the schedule first is the only one that fires it.
 */
export function fireDueTicks(room: Room, limit: number): Promise<number> {
  return settle(room, async (changes) => {
    const ticks = await changes.tx.dueSchedules(changes.now, limit);
    for (const { jobId, nextAt } of ticks) await fireTick(changes, jobId, nextAt);
    return ticks.length;
  });
}

async function fireTick(changes: Changes, jobId: string, tickAt: number): Promise<void> {
  const { room, tx, now } = changes;
  const job = await tx.job(jobId);
  const next = job?.enabled ? tickAfter(job.definition, tickAt, now) : null;
  if (!(await tx.advanceSchedule(jobId, tickAt, next))) return;
  if (!job?.enabled || !job.definition.cron) return;
  if (next === null)
    room.report.error({ job: jobId }, 'the schedule of a job cannot be read: it ticks no more');
  if (tickCounts(tickAt, now, room.policy().missedTicks)) await makeRun(changes, job);
}

async function makeRun(changes: Changes, job: Job): Promise<void> {
  const overlap = overlapOf(job);
  if (overlap === 'skip' && (await changes.tx.hasOpenRun(job.id))) return;
  const run = await triggered(changes, job);
  if (run && overlap === 'cancel_running') await cancelOlder(changes, run);
}

/** What is held back is not piled up: a paused job has one tick in store. */
function overlapOf({ paused, definition }: Job): OverlapPolicy {
  return paused ? 'skip' : (definition.overlapPolicy ?? 'allow');
}

/** Undefined where the job refuses it, e.g. because of its rate limit: the next tick comes all the same. */
async function triggered(changes: Changes, { id }: Job): Promise<Run | undefined> {
  try {
    const wish = checked(changes.room, { job: { id }, trigger: 'cron', payload: nothing });
    return (await submitIn(changes, wish)).run;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    changes.room.report.warn({ job: id, error }, 'a tick made no run');
    return undefined;
  }
}

/** Cancels what runs, or stands in the line for it. */
async function cancelOlder(changes: Changes, by: Run): Promise<void> {
  for (const run of await changes.tx.openRuns(by.jobId, mostCanceled))
    if (run.id !== by.id && (run.state === 'running' || run.state === 'queued'))
      await stopRun(changes, run, { reason: 'superseded', error: supersededSentence(by) });
}
