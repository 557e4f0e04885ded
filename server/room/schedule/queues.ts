import type { Queue } from '../../store/contract/runs.ts';
import type { Room } from '../room.ts';

/** Makes the queues what the settings say: one that they do not name any more has no cap and is not paused. */
export async function setQueues(room: Room, wanted: readonly Queue[]): Promise<void> {
  const names = new Set(wanted.map(({ name }) => name));
  await room.store.write(async (tx) => {
    const gone = (await tx.queues()).filter(({ name }) => !names.has(name));
    for (const { name } of gone) await tx.setQueue({ name, paused: false, maxRunning: null }, room.now());
    for (const queue of wanted) await tx.setQueue(queue, room.now());
  });
  room.wake();
}
