import type { Room } from './room.ts';

/** GitHub offers a delivery again for three days; a month leaves room for those that people keep. In milliseconds. */
const rememberedMs = 30 * 24 * 3_600_000;

/** Lets go of webhook deliveries that nobody will send again. */
export async function forgetOldDeliveries(room: Room): Promise<void> {
  await room.store.write((tx) => tx.forgetDeliveries(room.now() - rememberedMs));
}
