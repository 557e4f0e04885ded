import type { Run } from '../../words/run.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import { settleRun } from '../settling/dependents.ts';

const batch = 100;

/**
 * Looks at all runs that wait for a dependency, some at a time: a server may have died between the end of a run and
 * what it means for others, and a dependency may be gone.
 */
export async function settleWaitingRuns(room: Room, signal = room.closing.signal): Promise<void> {
  for (let beforeKey: number | undefined; !signal.aborted;) {
    const { runs, stoppedAt } = await room.store.read.searchRuns(
      { states: ['waiting'] },
      { limit: batch, ...(beforeKey !== undefined && { beforeKey }) },
    );
    if (runs.length > 0) await lookAt(room, runs);
    if (runs.length < batch && stoppedAt === undefined) return;
    beforeKey = stoppedAt ?? runs.at(-1)?.key;
  }
}

function lookAt(room: Room, runs: readonly Run[]): Promise<void> {
  return settle(room, async (changes) => {
    for (const { id } of runs) {
      const run = await changes.tx.run(id);
      if (run?.state === 'waiting') await settleRun(changes, run, await changes.tx.dependencies(run.jobId));
    }
  });
}
