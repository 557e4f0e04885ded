import type { Run } from '../words/run.ts';
import { archived } from '../words/transitions/running.ts';
import type { Room } from './room.ts';

const batch = 100;

/** Puts away the logs of runs that ended long enough ago; the runs themselves stay. */
export async function archiveOld(room: Room): Promise<void> {
  const { archiveAfterMs } = room.policy();
  if (archiveAfterMs === 0) return;
  for (const run of await room.store.read.archivable(room.now() - archiveAfterMs, batch))
    await putAway(room, run);
}

/** Removes the log of an ended run, which says so from then on. */
export async function putAway(room: Room, run: Run): Promise<void> {
  // The log first: a run that is not archived yet comes again, files that nobody knows of would stay for ever.
  await room.logs.remove(run.id);
  const after = await room.store.write(async (tx) => {
    await tx.apply(run, undefined, archived(run, room.now()), '');
    return tx.run(run.id);
  });
  if (after) room.events.runChanged(after);
}
