import { BuildFault } from '../../builder/model/faults.ts';
import { type Claimed, type ClaimWish, claim } from './claim.ts';
import { createAdopter } from './containers/adopt.ts';
import type { Place } from '../words/run.ts';
import { enginesMayTake, type MayTake, peekFor, trustIn } from './cluster/peek.ts';
import { watchStops } from './cluster/stops.ts';
import { createEarlyCancels } from './earlyCancels.ts';
import { engineTurn } from './engineTurn.ts';
import type { EngineSeat } from './engines/seat.ts';
import { httpTurn, mayDispatch } from './httpTurn.ts';
import { type Pump, startPump } from './pump.ts';
import type { Room } from './room.ts';
import { createWorking } from './working.ts';

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
  /** Aborted where nobody waits any more for a store that is away: the lease ends by itself. */
  patience: AbortSignal;
  /** Ends with the attempts of the same run that this process still works on, though their lease was lost. */
  earlier?: Promise<unknown>;
}

/** The same where it is worked on by an engine. */
export interface HeldOnEngine extends Held {
  seat: EnginePlace;
  on: EngineSeat;
}

export interface Worker {
  /** There may be something to claim. */
  wake(): void;
  /** The same within the transaction that makes it so; without places, for any. */
  wakeEarly(places?: readonly Place[]): void;
  /** Another process told of it. With places it takes none of that itself. */
  hint(places?: readonly Place[]): void;
  /** Whether there is a free place here for one of these. */
  mayTake(places: readonly Place[]): boolean;
  interrupt(runId: string): boolean;
  /** Attempts that it works on, or is about to take. */
  running(): number;
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

/** Who works for these places. */
function seatsFor(places: readonly Place[] | undefined): Seat['place'][] {
  const all = ['engine', 'http'] as const;
  return places
    ? all.filter((seat) => places.some((place) => (place === 'http') === (seat === 'http')))
    : [...all];
}

/** Claims queued attempts while there is a free place for them, and works on them. */
export function startWorker(room: Room): Worker {
  const early = createEarlyCancels();
  const stopping = new AbortController();
  // Attempts that ended together leave their places together: one claim fills them all.
  const working = createWorking(room, early, (place) => pumps[place].wakeSoon());
  const trusts = trustIn(room);
  let claims = 0;

  const takers: Record<Seat['place'], MayTake> = {
    engine: (places) => enginesMayTake(room, places),
    http: (places = ['http']) => mayDispatch(room, working.dispatches) > 0 && places.includes('http'),
  };
  const engines = startPump(room.report, () => engineTurn(room, take), peekFor(room, takers.engine));
  const http = startPump(
    room.report,
    (onLook) => httpTurn(room, working.dispatches, take, onLook),
    peekFor(room, takers.http),
  );
  const adopter = createAdopter(room, { isOurs: ({ id }) => working.has(id), begin: working.begin });
  const pumps: Record<Seat['place'], Pump> = { engine: engines, http };

  function take(wish: ClaimWish, most: number, seatOf: () => Seat): Promise<number> {
    return early.during(async () => {
      claims++;
      const claimed = await claim(room, wish, most, stopping.signal).finally(() => claims--);
      for (const one of claimed) working.begin({ ...one, ...working.earlierOf(one), seat: seatOf() });
      return claimed.length;
    });
  }

  function wake(): void {
    engines.wake();
    http.wake();
  }

  function wakeEarly(places?: readonly Place[]): void {
    const seats = seatsFor(places);
    if (seats.includes('http')) http.wakeEarly();
    // Of its turns each may ask for several engines: one that has looked for one of them has not looked for all.
    if (seats.includes('engine')) engines.wake();
  }

  function hint(places?: readonly Place[]): void {
    for (const seat of seatsFor(places))
      if (places && takers[seat](places) && trusts()) pumps[seat].wake();
      else pumps[seat].hint();
  }

  const stopWatching = watchStops(room, () => working.size > 0, working.interrupt);
  wake();
  return {
    wake,
    wakeEarly,
    hint,
    mayTake: (places) => takers.engine(places) || takers.http(places),
    interrupt: working.interrupt,
    running: () => working.size + claims,
    adopt: (seat) => early.during(() => adopter.adopt(seat)),
    async stop(graceMs) {
      stopping.abort(new BuildFault('released', 'the server is shutting down'));
      await Promise.all([engines.stop(), http.stop(), adopter.stop()]);
      // They go on without us.
      working.release(({ kind }) => kind === 'container');
      const grace = setTimeout(working.releaseAll, graceMs);
      await working.ended();
      clearTimeout(grace);
      stopWatching();
    },
    hurry: working.releaseAll,
  };
}
