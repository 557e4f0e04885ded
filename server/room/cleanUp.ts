import { sweep } from '../../builder/steps/engine/sweep.ts';
import type { Outcome } from './finish.ts';
import type { Room } from './room.ts';
import type { HeldOnEngine } from './worker.ts';

/** Faults after which the engine is not trusted with another attempt until it answers. */
const engineFaults: ReadonlySet<string> = new Set(['engine_unreachable', 'engine_lost']);

/** Longest time for the clean-up of one attempt, in milliseconds: its run does not end before it. */
const sweepMs = 10_000;

/**
 * Removes what a failed attempt left on its engine. True where the engine could not be asked: then the leftovers
 * are to be recorded, and removed when it returns.
 */
export async function cleanUp(
  room: Room,
  { attempt, on: seat }: HeldOnEngine,
  outcome: Outcome,
): Promise<boolean> {
  if (outcome.kind === 'done') return false;
  if (outcome.leftover || (!outcome.isElsewhere && engineFaults.has(outcome.fault.reason))) {
    room.engines.suspect(seat, outcome.fault.message);
    return true;
  }
  try {
    await sweep(
      seat.engine,
      { store: room.store.id, attempt: attempt.id },
      {
        images: true,
        signal: AbortSignal.timeout(sweepMs),
      },
    );
    return false;
  } catch (error) {
    room.report.warn({ error, attempt: attempt.id }, 'leftovers stay until the engine answers again');
    room.engines.suspect(seat, error instanceof Error ? error.message : String(error));
    return true;
  }
}
