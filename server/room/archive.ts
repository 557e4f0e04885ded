import { archived } from '../words/transitions/running.ts';
import type { Room } from './room.ts';

const batch = 100;

/** Puts away the logs of runs that ended long enough ago; the runs themselves stay. */
export async function archiveOld(room: Room): Promise<void> {
  const { archiveAfterMs } = room.policy();
  if (archiveAfterMs === 0) return;
  const now = room.now();
  for (const run of await room.store.read.archivable(now - archiveAfterMs, batch)) {
    // The log first: a run that is not archived yet comes again, files that nobody knows of would stay for ever.
    await room.logs.remove(run.id);
    const after = await room.store.write(async (tx) => {
      await tx.apply(run, undefined, archived(run, now), '');
      return tx.run(run.id);
    });
    if (after) room.events.runChanged(after);
  }
}
