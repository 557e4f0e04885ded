import { isTerminal, type Run } from '../words/run.ts';
import type { Room } from './room.ts';

/** Ends are heard of at once in the process that they happen in. */
const pollMs = 1000;

/** The run as it ended; undefined where it is gone. Rejects with the signal's reason. */
export function endOf(
  { events, store }: Pick<Room, 'events' | 'store'>,
  id: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  return new Promise((resolve, reject) => {
    const stop = events.onRun(id, see);
    const timer = setInterval(look, pollMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    // It may have ended before anybody listened.
    else look();

    function look(): void {
      store.read.run(id).then(see, () => undefined);
    }

    function see(run: Run | undefined): void {
      if (run && !isTerminal(run.state)) return;
      leave();
      resolve(run);
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
