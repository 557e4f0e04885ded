import { Problem } from '../words/problems.ts';
import type { Run } from '../words/run.ts';
import { cancelRequested } from '../words/transitions.ts';
import { uuid7 } from '../words/uuid7.ts';
import type { Room } from './room.ts';

/**
 * Asks a run to stop. The wish is on disk when this resolves; a run that waits is canceled at once, a running one
 * says so when its work has stopped. An ended run stays as it is: 409.
 */
export async function cancel(room: Room, runId: string): Promise<Run> {
  const { run, changed } = await room.store.write(async (tx) => {
    const before = await tx.run(runId);
    if (!before) throw new Problem('not_found', `there is no job ${runId}`);
    const attempts = await tx.attempts(runId);
    const newest = attempts.at(-1);
    if (!newest) throw new Error(`run ${runId} has no attempt`);
    const change = cancelRequested(before, newest, room.now());
    if (!change) return { run: before, changed: false };
    await tx.apply(before, change.attempt ? newest : undefined, change, uuid7(room.now()));
    const after = (await tx.run(runId)) ?? before;
    if (after.completedAt !== null) await tx.deleteSecrets(runId);
    return { run: after, changed: true };
  });
  if (!changed && run.completedAt !== null)
    throw new Problem('conflict', `job ${runId} has already ended as ${run.state}`);
  if (changed) room.events.runChanged(run);
  room.interrupt(runId);
  return run;
}
