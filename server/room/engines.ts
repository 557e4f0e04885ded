import { afterAttempt, breakerState, closedBreaker, type Verdict } from './engines/breaker.ts';
import { markUnreachable } from './engines/checkSeat.ts';
import { createEnginePlaces, type Reservation } from './engines/places.ts';
import { type EngineSeat, type ListedEngine, newSeat, takesMore } from './engines/seat.ts';
import { createWatch, type WatchOptions } from './engines/watch.ts';
import type { Wishes } from './engines/wishes.ts';

export interface EnginePool {
  seats(): readonly EngineSeat[];
  /** The engine with the most free places of those that may take work, but for those that were asked before. */
  free(asked?: ReadonlySet<EngineSeat>): EngineSeat | undefined;
  /** A free place beside those that are taken, until what this gives is called; undefined where there is none. */
  takePlace(seat: EngineSeat): (() => void) | undefined;
  /** The same, but waits for it, and comes before what has not begun. Rejects with the signal's reason. */
  waitForPlace(seat: EngineSeat, signal: AbortSignal): Promise<() => void>;
  /** Keeps a place while an attempt is looked for. */
  reserve(seat: EngineSeat): Reservation;
  /** A build lost its engine: nothing is claimed for it until it answers again. */
  suspect(seat: EngineSeat, problem: string): void;
  /** An attempt on it has ended: one that fails again and again is left alone for a while. */
  judge(seat: EngineSeat, verdict: Verdict): void;
  /** Forgets the failures of an engine. */
  pardon(seat: EngineSeat): void;
  /** Asks every engine now. */
  check(): Promise<void>;
  /** Takes over a changed list of engines; those that are gone finish what they have. */
  replace(list: readonly ListedEngine[]): void;
  close(): void;
}

export interface EnginePoolOptions extends WatchOptions {
  wishes: Pick<Wishes, 'of'>;
}

/** Keeps an eye on the engines, so that no attempt is spent on one that is known to be away. */
export function createEnginePool(options: EnginePoolOptions): EnginePool {
  const { now, report, wishes } = options;
  let seats: EngineSeat[] = [];
  const watch = createWatch(options, (seat) => seats.includes(seat));
  const places = createEnginePlaces();
  const telling = (leave: () => void) => () => {
    leave();
    options.onReachable();
  };

  async function checkAll(): Promise<void> {
    await Promise.all(seats.map(watch.check));
  }

  return {
    seats: () => seats,
    free(asked = new Set()) {
      const open = seats.filter(
        (seat) => !asked.has(seat) && takesMore(seat, wishes.of(seat.engine.name), now()),
      );
      return open.toSorted((a, b) => b.slots - b.busy - (a.slots - a.busy))[0];
    },
    takePlace(seat) {
      // It is for a build that was begun: a pause does not hold it up.
      if (!takesMore({ ...seat, busy: places.taken(seat) }, 'on', now())) return undefined;
      return telling(places.enter(seat));
    },
    waitForPlace: async (seat, signal) => telling(await places.wait(seat, signal)),
    reserve: places.reserve,
    suspect(seat, problem) {
      markUnreachable(seat, problem, report);
      // A check that is under way may have had its answer before.
      void watch.checkAnew(seat);
    },
    judge(seat, verdict) {
      const before = breakerState(seat.breaker, now());
      seat.breaker = afterAttempt(seat.breaker, verdict, now());
      const state = breakerState(seat.breaker, now());
      if (state === before) return;
      const engine = seat.engine.name;
      if (state === 'open')
        report.warn(
          { engine, until: new Date(seat.breaker.openUntil).toISOString() },
          'engine failed again and again: it is left alone for a while',
        );
      else report.info({ engine }, 'engine builds again');
    },
    pardon(seat) {
      seat.breaker = closedBreaker;
    },
    check: checkAll,
    replace(list) {
      seats = list.map((listed) => {
        const seat = seats.find(({ engine }) => engine === listed.engine);
        return seat ? Object.assign(seat, listed) : newSeat(listed, closedBreaker);
      });
      void checkAll();
    },
    close: watch.close,
  };
}
