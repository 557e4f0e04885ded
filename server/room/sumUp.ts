import { setTimeout as pause } from 'node:timers/promises';
import type { Room } from './room.ts';

/** Between two commits: others have their turn. */
const pauseMs = 10;

/** Sums up for lists what has ended since, some thousands of attempts at a time. */
export async function sumUpEnded({ store }: Pick<Room, 'store'>, signal: AbortSignal): Promise<void> {
  for (let from: number | null = 0; from !== null && !signal.aborted; await pause(pauseMs)) {
    const next: number = from;
    from = await store.write((tx) => tx.sumUpAttempts(next));
  }
}
