import { BuildFault } from '../../../builder/model/faults.ts';
import type { Run } from '../../words/run.ts';
import { endOf } from '../endOf.ts';
import type { Room } from '../room.ts';

/** Longest time that a canceled run waits for the end of a child that was told to stop, in milliseconds. */
const stopMs = 10_000;

/**
 * The run as it ended. Rejects with the signal's reason; after a cancel, which stops child runs too, not before the work
 * of this one has stopped.
 */
export async function childEnd(room: Room, id: string, signal: AbortSignal): Promise<Run> {
  try {
    return await ended(room, id, signal);
  } catch (error) {
    if (error instanceof BuildFault && error.reason === 'canceled')
      await ended(room, id, AbortSignal.timeout(stopMs)).catch(() => undefined);
    throw error;
  }
}

async function ended(room: Room, id: string, signal: AbortSignal): Promise<Run> {
  const run = await endOf(room, id, signal);
  if (!run) throw new BuildFault('internal', `run ${id} is gone`);
  return run;
}
