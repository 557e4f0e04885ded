import { type CheckOptions, checkSeat } from './checkSeat.ts';
import type { EngineSeat } from './seat.ts';

export interface WatchOptions extends CheckOptions {
  /** Milliseconds between two checks of an engine that does not answer, and of one that does. */
  retryMs: number;
  checkMs: number;
}

export interface Watch {
  /** Asks an engine now; one check of it at a time. */
  check(seat: EngineSeat): Promise<void>;
  /** The same, but with an answer that is newer than this call. */
  checkAnew(seat: EngineSeat): Promise<void>;
  close(): void;
}

/** Asks each engine again and again by itself, so that none waits for another's answer; as long as it is `listed`. */
export function createWatch(options: WatchOptions, listed: (seat: EngineSeat) => boolean): Watch {
  const timers = new Map<EngineSeat, NodeJS.Timeout>();
  const checks = new Map<EngineSeat, Promise<void>>();
  let closed = false;

  function check(seat: EngineSeat): Promise<void> {
    const current = checks.get(seat);
    if (current) return current;
    clearTimeout(timers.get(seat));
    const started = checkSeat(seat, options).then(() => {
      checks.delete(seat);
      plan(seat);
    });
    checks.set(seat, started);
    return started;
  }

  function plan(seat: EngineSeat): void {
    timers.delete(seat);
    if (closed || !listed(seat)) return;
    const ms = seat.state === 'ok' ? options.checkMs : options.retryMs;
    timers.set(seat, setTimeout(() => void check(seat), ms).unref());
  }

  return {
    check,
    async checkAnew(seat) {
      await checks.get(seat);
      await check(seat);
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
