import { Problem } from '../words/problems.ts';
import { isTerminal, type Run } from '../words/run.ts';
import type { Room } from './room.ts';

/** Resolves with the run when it has ended. Rejects with a Problem when the server goes away before: the run goes on. */
export function ended(room: Room, run: Run): Promise<Run> {
  return new Promise((resolve, reject) => {
    const stop = room.events.onRun(run.id, settle);
    room.closing.signal.addEventListener('abort', leave, { once: true });
    // It may have ended before anybody listened.
    room.store.read.run(run.id).then((now) => settle(now ?? run), reject);

    function settle(now: Run): void {
      if (!isTerminal(now.state)) return;
      stop();
      room.closing.signal.removeEventListener('abort', leave);
      resolve(now);
    }

    function leave(): void {
      stop();
      reject(
        new Problem('unavailable', `the server is shutting down; job ${run.id} goes on by itself afterwards`),
      );
    }
  });
}
