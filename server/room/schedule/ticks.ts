import type { DueTick } from '../../store/contract/jobs.ts';
import type { NewRun } from '../../store/contract/runs.ts';
import type { Job, OverlapPolicy } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { supersededSentence } from '../../words/supersede.ts';
import { isSameMinute, tickAfter, tickCounts } from '../../words/ticks.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Policy, Room } from '../room.ts';
import { settle } from '../settle.ts';
import type { Changes } from '../settling/changes.ts';
import { stopRun } from '../settling/stop.ts';
import { wantedRun } from '../submit/submit.ts';
import type { Ahead, Foreseen } from './ahead.ts';
import { free, runOfDraft, wishOfTick } from './draft.ts';

/** Open runs of a job that one tick cancels at most. */
const mostCanceled = 100;

/** A tick with its job as it is now, undefined where that is disabled, and what was known of it before. */
interface Due {
  tick: DueTick;
  job: Job | undefined;
  known: Foreseen | undefined;
}

/** One that is to make a run. */
type Fired = Due & { job: Job };

/**
 * Fires up to `limit` ticks that are due; how many there were. A tick and the run that it makes are one transaction, and
 * who takes it from the schedule first is the only one that fires it. What was read `ahead` is not read again.
 */
export function fireDueTicks(room: Room, limit: number, ahead?: Ahead): Promise<number> {
  return settle(room, async (changes) => {
    const ticks = await changes.tx.dueTicks(changes.now, limit);
    const policy = room.policy();
    const due = await withJobs(changes, ticks, ahead);
    await makeRuns(
      changes,
      due.filter((one) => fires(changes, one, policy)),
      policy,
    );
    return ticks.length;
  });
}

async function withJobs(
  { tx }: Changes,
  ticks: readonly DueTick[],
  ahead: Ahead | undefined,
): Promise<Due[]> {
  const found = ticks.map((tick) => ({ tick, known: ahead?.take(tick) }));
  const unread = found.filter(({ tick, known }) => tick.enabled && !known);
  const jobs = await Promise.all(unread.map(({ tick }) => tx.job(tick.jobId)));
  const read = new Map(jobs.map((job) => [job?.id, job]));
  return found.map(({ tick, known }) => ({
    tick,
    known,
    job: jobNow(tick, known?.job ?? read.get(tick.jobId)),
  }));
}

/** The flags are no part of a version. */
function jobNow({ enabled, paused }: DueTick, job: Job | undefined): Job | undefined {
  if (!enabled || !job) return undefined;
  return job.enabled && job.paused === paused ? job : { ...job, enabled, paused };
}

/** Takes a tick from the schedule; whether it makes a run. */
function fires({ room, tx, now }: Changes, one: Due, policy: Policy): one is Fired {
  const { tick, job, known } = one;
  const next = job ? nextOf(job, tick.at, now, known) : null;
  tx.advanceSchedule(tick.jobId, tick.at, next);
  if (!job?.definition.cron) return false;
  if (next === null)
    room.report.error({ job: tick.jobId }, 'the schedule of a job cannot be read: it ticks no more');
  const isLeftOut = tick.busy && overlapOf(job) === 'skip';
  return !isLeftOut && tickCounts(tick.at, now, policy.missedTicks);
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
async function makeRuns(changes: Changes, fired: readonly Fired[], policy: Policy): Promise<void> {
  const wanted: NewRun[] = [];
  const jobs = new Map<string, Job>();
  for (const one of fired) {
    const run = draftedRun(changes, one, policy) ?? (await runOf(changes, one));
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

function draftedRun({ now }: Changes, { tick, known }: Fired, policy: Policy): NewRun | undefined {
  return known?.draft && !tick.depends ? runOfDraft(known.draft, policy, now) : undefined;
}

/** Undefined where the job refuses it, e.g. because of its rate limit: the next tick comes all the same. */
async function runOf(changes: Changes, { job, tick }: Fired): Promise<NewRun | undefined> {
  const { room, tx, now } = changes;
  const read = tick.depends ? tx : free;
  try {
    const wanted = await wantedRun(changes, uuid7(now), job, wishOfTick(room, job.id), read);
    return 'outcome' in wanted ? undefined : wanted;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    room.report.warn({ job: job.id, error }, 'a tick made no run');
    return undefined;
  }
}

/** Cancels what runs, or stands in the line for it. */
async function cancelOlder(changes: Changes, by: Run): Promise<void> {
  for (const run of await changes.tx.openRuns(by.jobId, mostCanceled))
    if (run.id !== by.id && (run.state === 'running' || run.state === 'queued'))
      await stopRun(changes, run, { reason: 'superseded', error: supersededSentence(by) });
}
