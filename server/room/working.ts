import { BuildFault } from '../../builder/model/faults.ts';
import type { Run } from '../words/run.ts';
import { workAttempt } from './attempt.ts';
import type { Claimed } from './claim.ts';
import type { EarlyCancels } from './earlyCancels.ts';
import type { Room } from './room.ts';
import type { Held, Seat } from './worker.ts';

/** The attempts that this process works on. */
export interface Working {
  readonly size: number;
  /** Those that are HTTP calls. */
  readonly dispatches: number;
  has(attemptId: string): boolean;
  begin(taken: Omit<Held, 'patience'>): void;
  /** For an attempt of a run that another attempt of may still be worked on here. */
  earlierOf(claimed: Claimed): Pick<Held, 'earlier'>;
  /** Stops the attempts of a run; false where there are none. */
  interrupt(runId: string): boolean;
  /** Gives attempts back to the queue, and lets go of containers. */
  release(isMeant: (run: Run) => boolean): void;
  /** The same for all of them; soon nobody waits any more for a store that is away. */
  releaseAll(): void;
  /** Resolves when those of now have ended. */
  ended(): Promise<void>;
}

/** At a stop, how long results are held for a store that is away once nothing is worked on, in milliseconds. */
const lastTryMs = 3000;

/** `onDone` is called for each that has ended, when its place is free again. */
export function createWorking(
  room: Room,
  early: EarlyCancels,
  onDone: (place: Seat['place']) => void,
): Working {
  // Of one run there may be two: where the lease was lost, the next attempt begins while the one before still ends.
  const working = new Set<{ held: Held; abort: AbortController; done: Promise<void> }>();
  const patience = new AbortController();
  let dispatches = 0;
  let lastTry: NodeJS.Timeout | undefined;

  function begin(taken: Omit<Held, 'patience'>): void {
    const abort = new AbortController();
    const held = { ...taken, patience: patience.signal };
    const { place } = held.seat;
    room.meters.begun(place);
    if (place === 'http') dispatches++;
    const done = workAttempt(room, held, abort)
      .catch((error: unknown) =>
        room.report.error({ error, run: held.run.id }, 'an attempt could not be finished'),
      )
      .finally(() => {
        if (held.seat.place === 'engine') held.seat.leave();
        else dispatches--;
        working.delete(one);
        room.meters.done(place);
        onDone(place);
      });
    const one = { held, abort, done };
    working.add(one);
    const { id, cancelRequestedAt } = held.run;
    if (early.take(id) || cancelRequestedAt !== null) abort.abort(canceled());
  }

  function ofRun(runId: string) {
    return [...working].filter(({ held }) => held.run.id === runId);
  }

  function release(isMeant: (run: Run) => boolean): void {
    for (const { held, abort } of working)
      if (isMeant(held.run)) abort.abort(new BuildFault('released', 'the server is shutting down'));
  }

  return {
    begin,
    release,
    get size() {
      return working.size;
    },
    get dispatches() {
      return dispatches;
    },
    has: (attemptId) => [...working].some(({ held }) => held.attempt.id === attemptId),
    earlierOf({ run, attempt }) {
      const others = attempt.number === 1 ? [] : ofRun(run.id);
      return others.length === 0 ? {} : { earlier: Promise.all(others.map(({ done }) => done)) };
    },
    interrupt(runId) {
      const ours = ofRun(runId);
      if (ours.length === 0) early.note(runId);
      for (const { abort } of ours) abort.abort(canceled());
      return ours.length > 0;
    },
    releaseAll() {
      release(() => true);
      lastTry ??= setTimeout(() => patience.abort(goneFault()), lastTryMs);
    },
    async ended() {
      await Promise.all([...working].map(({ done }) => done));
      clearTimeout(lastTry);
    },
  };
}

function goneFault(): BuildFault {
  return new BuildFault('released', 'the server has shut down');
}

function canceled(): BuildFault {
  return new BuildFault('canceled', 'canceled on request');
}
