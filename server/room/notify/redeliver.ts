import type { Notification } from '../../store/contract/outbox.ts';
import type { Room } from '../room.ts';

/**
 * Sends it again, now, with as many tries as a new one has; also what was delivered, and what waits for its next try.
 * Undefined where there is none of this id.
 */
export async function redeliver(room: Room, id: string): Promise<Notification | undefined> {
  const tries = room.policy().webhookTries;
  const one = await room.store.write(async (tx) => {
    await tx.redeliver(id, tries, room.now());
    return tx.notification(id);
  });
  if (one) room.wakeNotifier();
  return one;
}
