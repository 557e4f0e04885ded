import type { Run } from '../words/run.ts';
import { archived } from '../words/transitions/running.ts';
import type { Room } from './room.ts';

const batch = 100;

/** Puts away the logs of runs that ended long enough ago; the runs themselves stay. */
export async function archiveOld(room: Room, signal = room.closing.signal): Promise<void> {
  const { archiveAfterMs } = room.policy();
  if (archiveAfterMs === 0) return;
  const runs = await room.store.read.archivable(room.now() - archiveAfterMs, batch);
  const [fault] = (await putAway(room, runs, signal)).values();
  if (fault) throw fault;
}

/** Removes the logs of ended runs, which say so from then on; gives why others could not be removed. */
export async function putAway(
  room: Room,
  runs: readonly Run[],
  signal = room.closing.signal,
): Promise<Map<string, Error>> {
  if (signal.aborted) return new Map();
  // The logs first: a run that is not archived yet comes again, what nobody knows of would stay for ever.
  const faults = await room.logs.removeAll(runs.map(({ id }) => id));
  for (const run of runs)
    if (!faults.has(run.id))
      await noteArchived(room, run).catch((error: unknown) =>
        faults.set(run.id, error instanceof Error ? error : new Error(String(error))),
      );
  return faults;
}

async function noteArchived(room: Room, run: Run): Promise<void> {
  const after = await room.store.write(async (tx) => {
    await tx.apply(run, undefined, archived(run, room.now()), '');
    return tx.run(run.id);
  });
  if (after) room.events.runChanged(after);
}
