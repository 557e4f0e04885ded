import { BuildFault } from '../../builder/model/faults.ts';
import { workAttempt } from './attempt.ts';
import { type Claimed, type ClaimWish, claim } from './claim.ts';
import { engineTurn } from './engineTurn.ts';
import type { EngineSeat } from './engines/seat.ts';
import { type Pump, startPump } from './pump.ts';
import type { Room } from './room.ts';

/** Where an attempt is worked on. */
export type Seat = EnginePlace | { place: 'http' };

export interface EnginePlace {
  place: 'engine';
  seat: EngineSeat;
  /** Gives the place back, where that was not done before. */
  leave: () => void;
}

/** An attempt that this process holds the lease of. */
export interface Held extends Claimed {
  seat: Seat;
  /** Ends with the attempts of the same run that this process still works on, though their lease was lost. */
  earlier?: Promise<unknown>;
}

/** The same where it is worked on by an engine. */
export interface HeldOnEngine extends Held {
  seat: EnginePlace;
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

  const engines = startPump(room.report, () => engineTurn(room, take));
  const http = startPump(room.report, async () => {
    // What is to be held back is asked here once: nothing is awaited between this and the claim.
    const mayBegin = room.wishes.server() === 'on';
    const most = mayBegin ? Math.min(mostAtOnce, room.policy().httpSlots - dispatches) : 0;
    const wish = { place: 'http', engine: null } as const;
    return most > 0 && (await take(wish, most, () => ({ place: 'http' }))) > 0;
  });
  const pumps: Record<Seat['place'], Pump> = { engine: engines, http };

  async function take(wish: ClaimWish, most: number, seatOf: () => Seat): Promise<number> {
    claiming++;
    try {
      const claimed = await claim(room, wish, most);
      for (const one of claimed) begin({ ...one, ...earlierOf(one), seat: seatOf() });
      return claimed.length;
    } finally {
      if (--claiming === 0) canceledEarly.clear();
    }
  }

  function begin(held: Held): void {
    const abort = new AbortController();
    if (held.seat.place === 'http') dispatches++;
    const done = workAttempt(room, held, abort)
      .catch((error: unknown) =>
        room.report.error({ error, run: held.run.id }, 'an attempt could not be finished'),
      )
      .finally(() => {
        if (held.seat.place === 'engine') held.seat.leave();
        else dispatches--;
        working.delete(one);
        // Attempts that ended together leave their places together: one claim fills them all.
        pumps[held.seat.place].wakeSoon();
      });
    const one = { runId: held.run.id, abort, done };
    working.add(one);
    if (canceledEarly.delete(held.run.id)) abort.abort(canceled());
  }

  function earlierOf({ run, attempt }: Claimed): Pick<Held, 'earlier'> {
    if (attempt.number === 1) return {};
    const others = [...working].filter(({ runId }) => runId === run.id);
    return others.length === 0 ? {} : { earlier: Promise.all(others.map(({ done }) => done)) };
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
