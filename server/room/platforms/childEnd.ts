import { BuildFault } from '../../../builder/model/faults.ts';
import { isTerminal, type Run } from '../../words/run.ts';
import type { Room } from '../room.ts';

/** Ends are heard of at once in the process that they happen in. */
const pollMs = 1000;
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

function ended({ events, store }: Room, id: string, signal: AbortSignal): Promise<Run> {
  return new Promise((resolve, reject) => {
    const stop = events.onRun(id, see);
    const timer = setInterval(look, pollMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else look();

    function look(): void {
      store.read.run(id).then(see, () => undefined);
    }

    function see(run: Run | undefined): void {
      if (run && !isTerminal(run.state)) return;
      leave();
      if (run) resolve(run);
      else reject(new BuildFault('internal', `run ${id} is gone`));
    }

    function abort(): void {
      leave();
      reject(signal.reason as Error);
    }

    function leave(): void {
      stop();
      clearInterval(timer);
      signal.removeEventListener('abort', abort);
    }
  });
}
