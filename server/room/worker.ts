import { setImmediate as immediate } from 'node:timers/promises';
import { BuildFault } from '../../builder/model/faults.ts';
import { workAttempt } from './attempt.ts';
import { type Claimed, claim } from './claim.ts';
import type { EngineSeat } from './engines.ts';
import { type Pump, startPump } from './pump.ts';
import type { Room } from './room.ts';

/** Where an attempt is worked on. */
export type Seat = { place: 'engine'; seat: EngineSeat } | { place: 'http' };

/** An attempt that this process holds the lease of. */
export interface Held extends Claimed {
  seat: Seat;
}

/** The same where it is worked on by an engine. */
export interface HeldOnEngine extends Held {
  on: EngineSeat;
}

export interface Worker {
  wake(): void;
  interrupt(runId: string): boolean;
  /** Claims nothing more; attempts have `graceMs` to finish, then they are given back to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Ends the grace period of a stop. */
  hurry(): void;
}

/** How many HTTP attempts one transaction claims at most, so that none keeps the others waiting for long. */
const mostAtOnce = 16;

/** Claims queued attempts while there is a free place for them, and works on them. */
export function startWorker(room: Room): Worker {
  // Of one run there may be two: where the lease was lost, the next attempt begins while the one before still ends.
  const working = new Set<{ runId: string; abort: AbortController; done: Promise<void> }>();
  // A cancel may be committed right after the claim, and before anybody works on the run.
  const canceledEarly = new Set<string>();
  let claiming = 0;
  let dispatches = 0;

  const engines = startPump(room.report, async () => {
    const seat = room.engines.free();
    return seat !== undefined && (await take({ place: 'engine', seat }, 1)) > 0;
  });
  const http = startPump(room.report, async () => {
    // Attempts that ended together leave their places together: one claim fills them all.
    if (dispatches > 0) await immediate();
    const most = Math.min(mostAtOnce, room.policy().httpSlots - dispatches);
    return most > 0 && (await take({ place: 'http' }, most)) > 0;
  });
  const pumps: Record<Seat['place'], Pump> = { engine: engines, http };

  async function take(seat: Seat, most: number): Promise<number> {
    claiming++;
    try {
      const engine = seat.place === 'engine' ? seat.seat.engine.name : null;
      const claimed = await claim(room, { place: seat.place, engine }, most);
      for (const one of claimed) begin({ ...one, seat });
      return claimed.length;
    } finally {
      if (--claiming === 0) canceledEarly.clear();
    }
  }

  function begin(held: Held): void {
    const abort = new AbortController();
    occupy(held.seat, 1);
    const done = workAttempt(room, held, abort)
      .catch((error: unknown) =>
        room.report.error({ error, run: held.run.id }, 'an attempt could not be finished'),
      )
      .finally(() => {
        occupy(held.seat, -1);
        working.delete(one);
        pumps[held.seat.place].wake();
      });
    const one = { runId: held.run.id, abort, done };
    working.add(one);
    if (canceledEarly.delete(held.run.id)) abort.abort(canceled());
  }

  function occupy(seat: Seat, places: 1 | -1): void {
    if (seat.place === 'engine') seat.seat.busy += places;
    else dispatches += places;
  }

  function wake(): void {
    engines.wake();
    http.wake();
  }

  function release(): void {
    for (const { abort } of working) abort.abort(new BuildFault('released', 'the server is shutting down'));
  }

  wake();
  return {
    wake,
    interrupt(runId) {
      const ours = [...working].filter((one) => one.runId === runId);
      if (ours.length === 0 && claiming > 0) canceledEarly.add(runId);
      for (const { abort } of ours) abort.abort(canceled());
      return ours.length > 0;
    },
    async stop(graceMs) {
      await Promise.all([engines.stop(), http.stop()]);
      const grace = setTimeout(release, graceMs);
      await Promise.all([...working].map(({ done }) => done));
      clearTimeout(grace);
    },
    hurry: release,
  };
}

function canceled(): BuildFault {
  return new BuildFault('canceled', 'canceled on request');
}
