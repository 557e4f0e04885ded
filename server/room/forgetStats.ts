import type { Room } from './room.ts';

const batch = 1000;

/** Lets go of the figures of jobs that no window reaches any more, some at a time. */
export async function forgetOldStats({ store, now }: Pick<Room, 'store' | 'now'>): Promise<void> {
  for (let forgotten = batch; forgotten >= batch;)
    forgotten = await store.write((tx) => tx.pruneStats(now(), batch));
}
