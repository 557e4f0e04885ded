import type { DueTick } from '../../store/contract/jobs.ts';
import type { NewRun } from '../../store/contract/runs.ts';
import type { DependencyReads } from '../submit/plan.ts';
import type { Job, OverlapPolicy } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { supersededSentence } from '../../words/supersede.ts';
import { isSameMinute, tickAfter, tickCounts } from '../../words/ticks.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import type { Changes } from '../settling/changes.ts';
import { stopRun } from '../settling/stop.ts';
import { checked, type Wish, wantedRun } from '../submit/submit.ts';
import type { Ahead, Foreseen } from './ahead.ts';

const nothing = { value: {}, text: '{}' };

/** Open runs of a job that one tick cancels at most. */
const mostCanceled = 100;

/** A job that a tick is to make a run of. */
interface Fired {
  job: Job;
  /** Whether it depends on others. */
  depends: boolean;
}

/**
 * Fires up to `limit` ticks that are due; how many there were. A tick and the run that it makes are one transaction, and
 * who takes it from the schedule first is the only one that fires it. What was read `ahead` is not read again.
 */
export function fireDueTicks(room: Room, limit: number, ahead?: Ahead): Promise<number> {
  return settle(room, async (changes) => {
    const ticks = await changes.tx.dueTicks(changes.now, limit);
    const fired = await Promise.all(ticks.map((tick) => fire(changes, tick, ahead)));
    await makeRuns(
      changes,
      fired.filter((one) => one !== undefined),
    );
    return ticks.length;
  });
}

/** Takes a tick from the schedule; undefined where it makes no run. */
async function fire(changes: Changes, tick: DueTick, ahead: Ahead | undefined): Promise<Fired | undefined> {
  const { room, tx, now } = changes;
  const { jobId, at, depends, busy } = tick;
  const known = ahead?.take(tick);
  const job = await jobNow(changes, tick, known);
  const next = job ? nextOf(job, at, now, known) : null;
  if (!(await tx.advanceSchedule(jobId, at, next)) || !job?.definition.cron) return undefined;
  if (next === null)
    room.report.error({ job: jobId }, 'the schedule of a job cannot be read: it ticks no more');
  const isLeftOut = busy && overlapOf(job) === 'skip';
  return !isLeftOut && tickCounts(at, now, room.policy().missedTicks) ? { job, depends } : undefined;
}

/** The job as it is at its tick; undefined where it is disabled. The flags are no part of a version. */
async function jobNow(
  { tx }: Changes,
  { jobId, enabled, paused }: DueTick,
  known: Foreseen | undefined,
): Promise<Job | undefined> {
  if (!enabled) return undefined;
  const job = known?.job ?? (await tx.job(jobId));
  return job && { ...job, enabled, paused };
}

function nextOf(
  { definition }: Job,
  tickAt: number,
  now: number,
  known: Foreseen | undefined,
): number | null {
  return known && isSameMinute(tickAt, now) ? known.next : tickAfter(definition, tickAt, now);
}

/** What is held back is not piled up: a paused job has one tick in store. */
function overlapOf({ paused, definition }: Job): OverlapPolicy {
  return paused ? 'skip' : (definition.overlapPolicy ?? 'allow');
}

/** Inserts all runs together. No two are of one job, so that none decides what becomes of another. */
async function makeRuns(changes: Changes, fired: readonly Fired[]): Promise<void> {
  const wish = checked(changes.room, { job: { id: '' }, trigger: 'cron', payload: nothing });
  const wanted: NewRun[] = [];
  const jobs = new Map<string, Job>();
  for (const one of fired) {
    const run = await runOf(changes, one, wish);
    if (run) wanted.push(run);
    jobs.set(one.job.id, one.job);
  }
  for (const run of await changes.tx.insertRuns(wanted)) {
    const job = jobs.get(run.jobId);
    if (!job) continue;
    await changes.born(run, job);
    if (overlapOf(job) === 'cancel_running') await cancelOlder(changes, run);
  }
}

/** Undefined where the job refuses it, e.g. because of its rate limit: the next tick comes all the same. */
async function runOf(changes: Changes, { job, depends }: Fired, wish: Wish): Promise<NewRun | undefined> {
  const { id } = job;
  const own = { ...wish, submission: { ...wish.submission, job: { id } } };
  const read = depends ? changes.tx : free;
  try {
    const wanted = await wantedRun(changes, uuid7(changes.now), job, own, read);
    return 'outcome' in wanted ? undefined : wanted;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    changes.room.report.warn({ job: id, error }, 'a tick made no run');
    return undefined;
  }
}

/** Of a job that is known to depend on no other. */
const free: DependencyReads = { dependencies: async () => [], newestEndedRun: async () => undefined };

/** Cancels what runs, or stands in the line for it. */
async function cancelOlder(changes: Changes, by: Run): Promise<void> {
  for (const run of await changes.tx.openRuns(by.jobId, mostCanceled))
    if (run.id !== by.id && (run.state === 'running' || run.state === 'queued'))
      await stopRun(changes, run, { reason: 'superseded', error: supersededSentence(by) });
}
