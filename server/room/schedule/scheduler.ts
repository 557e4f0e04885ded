import type { Room } from '../room.ts';
import { type Ahead, createAhead } from './ahead.ts';
import { expireRuns, queueDue } from './due.ts';
import { fireDueTicks } from './ticks.ts';

/** What one transaction does at most, so that none keeps the others waiting for long. */
const batch = 100;

/**
 * Ticks come in crowds and are made together: so many take some forty milliseconds, for which others wait. With fewer at once
 * the last of a thousand would come later.
 */
const tickBatch = 500;

/** The longest time between two looks at the store, in milliseconds: what nobody told us of is found by then. */
const pollMs = 1000;

/** Changes often come in crowds: one look serves all that came in this time, in milliseconds. */
const settleMs = 5;

/** Does a part of what is due now; whether there was any. */
export async function schedulerStep(room: Room, ahead?: Ahead): Promise<boolean> {
  const opening = room.store.write((tx) => tx.openDue(room.now(), batch));
  const parts = [fireDueTicks(room, tickBatch, ahead), queueDue(room, batch), expireRuns(room, batch)];
  // Begun together they share one commit.
  const [opened, ...done] = await Promise.all([opening, ...parts]);
  if (opened > 0) room.wake();
  return opened + done.reduce((sum, count) => sum + count, 0) > 0;
}

export interface Scheduler {
  /** Something may be due earlier than it was. */
  wake(): void;
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Lets happen what time brings: delayed runs, retries, ticks of schedules, limits that open, runs that expire. */
export function startScheduler(room: Room): Scheduler {
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;
  let running: Promise<void> | undefined;
  let dirty = false;
  let stopped = false;
  const ahead = createAhead(room);

  async function turn(): Promise<void> {
    dirty = false;
    let pause = pollMs;
    try {
      pause = await doDue(room, ahead, () => !stopped);
    } catch (error) {
      room.report.error({ error }, 'scheduling failed; it is tried again');
    }
    running = undefined;
    if (!stopped) sleep(dirty ? settleMs : pause);
  }

  function sleep(ms: number): void {
    const at = performance.now() + ms;
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Infinity;
      running = turn();
    }, ms);
    timer.unref();
  }

  sleep(0);
  return {
    wake() {
      dirty = true;
      if (!running && !stopped) sleep(settleMs);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Does what is due, and gives the milliseconds until there is more. */
async function doDue(room: Room, ahead: Ahead, mayGoOn: () => boolean): Promise<number> {
  while (mayGoOn()) {
    const { due, tick } = await nextAt(room);
    const next = Math.min(due, tick);
    const now = room.now();
    if (next > now) {
      await ahead.look(tick, next);
      return Math.max(0, Math.min(pollMs, next - room.now()));
    }
    const step = due > now ? tickStep(room, ahead, mayGoOn) : schedulerStep(room, ahead);
    // What is due and cannot be done must not keep everybody busy.
    if (!(await step)) return pollMs;
  }
  return pollMs;
}

/** Fires what ticks now, where nothing else is due: a crowd without a look at the rest between its parts. */
async function tickStep(room: Room, ahead: Ahead, mayGoOn: () => boolean): Promise<boolean> {
  let fired = 0;
  for (let last = tickBatch; last === tickBatch && mayGoOn(); fired += last)
    last = await fireDueTicks(room, tickBatch, ahead);
  return fired > 0;
}

async function nextAt({ store }: Room): Promise<{ due: number; tick: number }> {
  const [due = Infinity, tick = Infinity] = await Promise.all([
    store.read.nextDueAt(),
    store.read.nextScheduleAt(),
  ]);
  return { due, tick };
}
