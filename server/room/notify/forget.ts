import type { Room } from '../room.ts';

/** How long deliveries can be looked at and sent again, in milliseconds. */
const rememberedMs = 30 * 24 * 3_600_000;
const batch = 200;

/** Lets go of deliveries that are long over, some at a time, so that nobody waits for the store meanwhile. */
export async function forgetOldNotifications({ store, now }: Room): Promise<void> {
  const before = now() - rememberedMs;
  for (let forgotten = batch; forgotten === batch;)
    forgotten = await store.write((tx) => tx.forgetNotifications(before, batch));
}
