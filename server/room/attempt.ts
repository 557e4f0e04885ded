import { workContainerAttempt } from './containers/attempt.ts';
import { workEngineAttempt } from './engineAttempt.ts';
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
    else await workOnEngine(held)(room, { ...held, seat, on: seat.seat }, abort);
  } finally {
    stopRenewing();
  }
}

function workOnEngine({ run }: Held): typeof workEngineAttempt {
  return run.kind === 'container' ? workContainerAttempt : workEngineAttempt;
}
