import type { Room } from '../room.ts';

/** Takes the idempotency key from a run, so that the next trigger with it makes another one. Twice is no mistake. */
export async function forgetKey({ store, events }: Room, runId: string): Promise<void> {
  const after = await store.write(async (tx) => {
    await tx.clearIdempotencyKey(runId);
    return tx.run(runId);
  });
  if (after) events.runChanged(after);
}
