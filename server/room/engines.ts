import type { Engine } from '../../builder/steps/engine/engine.ts';
import type { Report } from './room.ts';

/** An engine with its places for builds and what the last contact said. */
export interface EngineSeat {
  engine: Engine;
  slots: number;
  busy: number;
  state: 'unknown' | 'ok' | 'unreachable';
  /** Why the last contact failed. */
  problem: string | undefined;
  lastContactAt: number | undefined;
}

export interface ListedEngine {
  engine: Engine;
  /** Builds at once. */
  slots: number;
}

export interface EnginePool {
  seats(): readonly EngineSeat[];
  /** The reachable engine with the most free places. */
  free(): EngineSeat | undefined;
  /** A build lost its engine: nothing is claimed for it until it answers again. */
  suspect(seat: EngineSeat, problem: string): void;
  /** Asks every engine now. */
  check(): Promise<void>;
  /** Takes over a changed list of engines; those that are gone finish what they have. */
  replace(list: readonly ListedEngine[]): void;
  close(): void;
}

export interface EnginePoolOptions {
  report: Report;
  /** Puts an engine in order that answers again, before it gets work. */
  greet: (engine: Engine) => Promise<void>;
  /** Done at every check of an engine that answers. */
  tend: (engine: Engine) => Promise<void>;
  /** Called when an engine can take work (again). */
  onReachable: () => void;
  now: () => number;
  /** Milliseconds between two checks of an engine that does not answer, and of one that does. */
  retryMs: number;
  checkMs: number;
}

/** Keeps an eye on the engines, so that no attempt is spent on one that is known to be away. */
export function createEnginePool(options: EnginePoolOptions): EnginePool {
  let seats: EngineSeat[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function checkAll(): Promise<void> {
    clearTimeout(timer);
    await Promise.all(seats.map((seat) => checkSeat(seat, options)));
    if (closed) return;
    clearTimeout(timer);
    const away = seats.some((seat) => seat.state !== 'ok');
    timer = setTimeout(() => void checkAll(), away ? options.retryMs : options.checkMs);
    timer.unref();
  }

  return {
    seats: () => seats,
    free() {
      const open = seats.filter((seat) => seat.state === 'ok' && seat.busy < seat.slots);
      return open.toSorted((a, b) => b.slots - b.busy - (a.slots - a.busy))[0];
    },
    suspect(seat, problem) {
      markUnreachable(seat, problem, options.report);
      void checkAll();
    },
    check: checkAll,
    replace(list) {
      seats = list.map(({ engine, slots }) => {
        const seat = seats.find((one) => one.engine === engine);
        return seat ? Object.assign(seat, { slots }) : newSeat(engine, slots);
      });
      void checkAll();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function newSeat(engine: Engine, slots: number): EngineSeat {
  return { engine, slots, busy: 0, state: 'unknown', problem: undefined, lastContactAt: undefined };
}

async function checkSeat(seat: EngineSeat, options: EnginePoolOptions): Promise<void> {
  const { engine } = seat;
  try {
    await engine.ping();
    seat.lastContactAt = options.now();
    if (seat.state !== 'ok') await options.greet(engine);
    await options.tend(engine);
  } catch (error) {
    markUnreachable(seat, error instanceof Error ? error.message : String(error), options.report);
    return;
  }
  if (seat.state === 'ok') return;
  seat.state = 'ok';
  seat.problem = undefined;
  options.report.info({ engine: engine.name }, 'engine answers');
  options.onReachable();
}

function markUnreachable(seat: EngineSeat, problem: string, report: Report): void {
  if (seat.state !== 'unreachable' || seat.problem !== problem)
    report.warn({ engine: seat.engine.name, problem }, 'engine does not answer: its builds wait');
  seat.state = 'unreachable';
  seat.problem = problem;
}
