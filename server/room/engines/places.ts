import type { EngineSeat } from './seat.ts';

/** Gives a place back; a second call does not do it again. */
export type Leave = () => void;

/** A place that is kept free while somebody looks for an attempt to work on there. */
export interface Reservation {
  /** There is one: the place is taken. */
  enter(): Leave;
  /** There is none. Does nothing where the place was taken. */
  cancel(): void;
}

/** Who works on the engines. */
export interface EnginePlaces {
  /** The places that are taken, or kept for somebody. */
  taken(seat: EngineSeat): number;
  /** Takes a place, whether or not one is free. */
  enter(seat: EngineSeat): Leave;
  reserve(seat: EngineSeat): Reservation;
  /** Waits for a free place; whoever waits comes before what has not begun. Rejects with the signal's reason. */
  wait(seat: EngineSeat, signal: AbortSignal): Promise<Leave>;
}

export function createEnginePlaces(): EnginePlaces {
  const reserved = new WeakMap<EngineSeat, number>();
  const waiting = new Map<EngineSeat, Set<() => void>>();

  function taken(seat: EngineSeat): number {
    return seat.busy + (reserved.get(seat) ?? 0);
  }

  function enter(seat: EngineSeat): Leave {
    let isLeft = false;
    seat.busy++;
    return () => {
      if (isLeft) return;
      isLeft = true;
      seat.busy--;
      admit(seat);
    };
  }

  function reserve(seat: EngineSeat): Reservation {
    let isOpen = true;
    reserved.set(seat, (reserved.get(seat) ?? 0) + 1);
    const close = (): void => {
      if (isOpen) reserved.set(seat, (reserved.get(seat) ?? 0) - 1);
      isOpen = false;
    };
    return {
      enter() {
        close();
        return enter(seat);
      },
      cancel() {
        close();
        admit(seat);
      },
    };
  }

  function admit(seat: EngineSeat): void {
    const [next] = waiting.get(seat) ?? [];
    if (next && taken(seat) < seat.slots) next();
  }

  async function wait(seat: EngineSeat, signal: AbortSignal): Promise<Leave> {
    signal.throwIfAborted();
    if (taken(seat) < seat.slots) return enter(seat);
    const { promise, resolve, reject } = Promise.withResolvers<Leave>();
    const queue = waiting.get(seat) ?? new Set();
    const next = (): void => {
      stopWaiting();
      resolve(enter(seat));
    };
    const abort = (): void => {
      stopWaiting();
      reject(signal.reason as Error);
    };
    const stopWaiting = (): void => {
      queue.delete(next);
      if (queue.size === 0) waiting.delete(seat);
      signal.removeEventListener('abort', abort);
    };
    waiting.set(seat, queue.add(next));
    signal.addEventListener('abort', abort, { once: true });
    return promise;
  }

  return { taken, enter, reserve, wait };
}
