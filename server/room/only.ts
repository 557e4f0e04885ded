import type { Room } from './room.ts';

/** Does a chore unless another process does it now; whether it did. `signal` ends with the server, and with that right. */
export async function only(
  { store: { shared }, closing }: Pick<Room, 'store' | 'closing'>,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  if (shared) return shared.only(name, (lost) => work(AbortSignal.any([lost, closing.signal])));
  await work(closing.signal);
  return true;
}

/** A chore that no two processes do at a time, as `every` takes it. */
export function alone(
  room: Room,
  name: string,
  chore: (room: Room, signal: AbortSignal) => Promise<void>,
): () => Promise<void> {
  return async () => void (await only(room, name, (signal) => chore(room, signal)));
}
