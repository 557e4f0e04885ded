import { BuildFault } from '../../builder/model/faults.ts';
import { workAttempt } from './attempt.ts';
import { type Claimed, type ClaimWish, claim } from './claim.ts';
import { createAdopter } from './containers/adopt.ts';
import { createEarlyCancels } from './earlyCancels.ts';
import { engineTurn } from './engineTurn.ts';
import type { EngineSeat } from './engines/seat.ts';
import { type Pump, startPump } from './pump.ts';
import type { Room } from './room.ts';
import type { Run } from '../words/run.ts';

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
  /** It ran already, and nobody held it any more. */
  isTakenOver?: boolean;
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
  /** Goes on with the containers on an engine whose attempts nobody holds any more, also beside its places. */
  adopt(seat: EngineSeat): Promise<void>;
  /**
   * Claims nothing more; attempts have `graceMs` to finish, then they are given back to the queue. Containers are let go of
   * at once: the next server takes them over.
   */
  stop(graceMs: number): Promise<void>;
  /** Ends the grace period of a stop. */
  hurry(): void;
}

/** How many HTTP attempts one transaction claims at most, so that none keeps the others waiting for long. */
const mostAtOnce = 16;

/** Claims queued attempts while there is a free place for them, and works on them. */
export function startWorker(room: Room): Worker {
  // Of one run there may be two: where the lease was lost, the next attempt begins while the one before still ends.
  const working = new Set<{ held: Held; abort: AbortController; done: Promise<void> }>();
  const early = createEarlyCancels();
  let dispatches = 0;

  const engines = startPump(room.report, () => engineTurn(room, take));
  const http = startPump(room.report, async () => {
    // What is to be held back is asked here once: nothing is awaited between this and the claim.
    const mayBegin = room.wishes.server() === 'on';
    const most = mayBegin ? Math.min(mostAtOnce, room.policy().httpSlots - dispatches) : 0;
    const wish = { place: 'http', engine: null } as const;
    return most > 0 && (await take(wish, most, () => ({ place: 'http' }))) === most;
  });
  const adopter = createAdopter(room, {
    isOurs: ({ id }) => [...working].some(({ held }) => held.attempt.id === id),
    begin: (held) => begin(held),
  });
  const pumps: Record<Seat['place'], Pump> = { engine: engines, http };

  function take(wish: ClaimWish, most: number, seatOf: () => Seat): Promise<number> {
    return early.during(async () => {
      const claimed = await claim(room, wish, most);
      for (const one of claimed) begin({ ...one, ...earlierOf(one), seat: seatOf() });
      return claimed.length;
    });
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
    const one = { held, abort, done };
    working.add(one);
    const { id, cancelRequestedAt } = held.run;
    if (early.take(id) || cancelRequestedAt !== null) abort.abort(canceled());
  }

  function earlierOf({ run, attempt }: Claimed): Pick<Held, 'earlier'> {
    if (attempt.number === 1) return {};
    const others = [...working].filter(({ held }) => held.run.id === run.id);
    return others.length === 0 ? {} : { earlier: Promise.all(others.map(({ done }) => done)) };
  }

  function wake(): void {
    engines.wake();
    http.wake();
  }

  function release(isMeant: (run: Run) => boolean = () => true): void {
    for (const { held, abort } of working)
      if (isMeant(held.run)) abort.abort(new BuildFault('released', 'the server is shutting down'));
  }

  wake();
  return {
    wake,
    interrupt(runId) {
      const ours = [...working].filter(({ held }) => held.run.id === runId);
      if (ours.length === 0) early.note(runId);
      for (const { abort } of ours) abort.abort(canceled());
      return ours.length > 0;
    },
    adopt: (seat) => early.during(() => adopter.adopt(seat)),
    async stop(graceMs) {
      await Promise.all([engines.stop(), http.stop(), adopter.stop()]);
      // They go on without us.
      release(({ kind }) => kind === 'container');
      const grace = setTimeout(() => release(), graceMs);
      await Promise.all([...working].map(({ done }) => done));
      clearTimeout(grace);
    },
    hurry: () => release(),
  };
}

function canceled(): BuildFault {
  return new BuildFault('canceled', 'canceled on request');
}
