import type { Run } from '../../words/run.ts';
import { earliestStart } from '../../words/timing.ts';
import { due, expired, rescheduled } from '../../words/transitions/waiting.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import type { Changes } from '../settling/changes.ts';

/** Queues up to `limit` delayed runs whose time has come; how many there were. */
export function queueDue(room: Room, limit: number): Promise<number> {
  return settle(room, async (changes) => {
    const runs = await changes.tx.dueRuns(changes.now, limit);
    for (const run of runs) await queueRun(changes, run);
    return runs.length;
  });
}

/** A run that came late, e.g. because no server ran, may have missed its job's execution window: it waits for the next. */
async function queueRun(changes: Changes, run: Run): Promise<void> {
  const { now } = changes;
  const startAt = earliestStart((await changes.jobOf(run)).definition, now) ?? now;
  await changes.apply(run, undefined, startAt > now ? rescheduled(run, startAt) : due(run, now));
}

/** Ends up to `limit` runs that did not start in time; how many there were. */
export function expireRuns(room: Room, limit: number): Promise<number> {
  return settle(room, async (changes) => {
    const runs = await changes.tx.expirableRuns(changes.now, limit);
    for (const run of runs) {
      const attempt = run.state === 'queued' ? (await changes.tx.attempts(run.id)).at(-1) : undefined;
      await changes.apply(run, attempt, expired(run, attempt, changes.now));
    }
    return runs.length;
  });
}
