import type { workEngineAttempt } from './engineAttempt.ts';
import { workHttpAttempt } from './http/httpAttempt.ts';
import { keepLease } from './lease.ts';
import type { Room } from './room.ts';
import type { Held } from './worker.ts';

/** Works on a claimed attempt from its start to its stored end, and holds its lease meanwhile. */
export async function workAttempt(room: Room, held: Held, abort: AbortController): Promise<void> {
  const { seat } = held;
  const stopRenewing = keepLease(room, held, abort);
  try {
    if (seat.place === 'http') await workHttpAttempt(room, held, abort);
    else {
      const work = await workOnEngine(held);
      await work(room, { ...held, seat, on: seat.seat }, abort);
    }
  } finally {
    stopRenewing();
  }
}

/** Loaded with the first attempt of its kind: an idle server is without the 4 MB that a build needs. */
async function workOnEngine({ run }: Held): Promise<typeof workEngineAttempt> {
  if (run.kind === 'container') return (await import('./containers/attempt.ts')).workContainerAttempt;
  return (await import('./engineAttempt.ts')).workEngineAttempt;
}
