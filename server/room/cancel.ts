import { Problem } from '../words/problems.ts';
import type { Run } from '../words/run.ts';
import type { Room } from './room.ts';
import { settle } from './settle.ts';
import { stopRun } from './settling/stop.ts';

/**
 * Asks a run to stop. The wish is on disk when this resolves; a run that waits is canceled at once, a running one
 * says so when its work has stopped. An ended run stays as it is: 409.
 */
export async function cancel(room: Room, runId: string): Promise<Run> {
  const { run, hadEnded } = await settle(room, async (changes) => {
    const before = await changes.tx.run(runId);
    if (!before) throw new Problem('not_found', `there is no job ${runId}`);
    return { run: await stopRun(changes, before), hadEnded: before.completedAt !== null };
  });
  if (hadEnded) throw new Problem('conflict', `job ${runId} has already ended as ${run.state}`);
  // Who asks again while it runs is heard again.
  if (run.state === 'running') room.interrupt(runId);
  return run;
}
