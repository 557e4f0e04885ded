import type { Room } from '../room.ts';
import { expireRuns, queueDue } from './due.ts';
import { fireDueTicks } from './ticks.ts';

/** What one transaction does at most, so that none keeps the others waiting for long. */
const batch = 100;

/** The longest time between two looks at the store, in milliseconds: what nobody told us of is found by then. */
const pollMs = 1000;

/** Changes often come in crowds: one look serves all that came in this time, in milliseconds. */
const settleMs = 5;

/** Does a part of what is due now; whether there was any. */
export async function schedulerStep(room: Room): Promise<boolean> {
  const opening = room.store.write((tx) => tx.openDue(room.now(), batch));
  const parts = [fireDueTicks(room, batch), queueDue(room, batch), expireRuns(room, batch)];
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

  async function turn(): Promise<void> {
    dirty = false;
    let pause = pollMs;
    try {
      pause = await doDue(room, () => !stopped);
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
async function doDue(room: Room, mayGoOn: () => boolean): Promise<number> {
  while (mayGoOn()) {
    const wait = (await nextAt(room)) - room.now();
    if (wait > 0) return Math.min(pollMs, wait);
    // What is due and cannot be done must not keep everybody busy.
    if (!(await schedulerStep(room))) return pollMs;
  }
  return pollMs;
}

async function nextAt({ store }: Room): Promise<number> {
  const [due, tick] = await Promise.all([store.read.nextDueAt(), store.read.nextScheduleAt()]);
  return Math.min(due ?? Infinity, tick ?? Infinity);
}
