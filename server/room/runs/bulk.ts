import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { cancel } from '../cancel.ts';
import type { Room } from '../room.ts';
import { replay } from './replay.ts';

/** What became of one of several runs: the run that was canceled, or the new one; or why nothing was done. */
export type BulkResult = { runId: string; run: Run } | { runId: string; problem: Problem };

/** Cancels each of the runs that has not ended. The answer is in the order of `runIds`. */
export function bulkCancel(room: Room, runIds: readonly string[]): Promise<BulkResult[]> {
  return each(runIds, (runId) => cancel(room, runId));
}

/** Replays each of the runs that can be. The answer is in the order of `runIds`. */
export function bulkReplay(room: Room, runIds: readonly string[], createdBy?: string): Promise<BulkResult[]> {
  return each(runIds, async (runId) => (await replay(room, runId, createdBy)).run);
}

/** Begun together, so that they share a commit; a run that is named twice is meant once. */
async function each(runIds: readonly string[], work: (runId: string) => Promise<Run>): Promise<BulkResult[]> {
  return Promise.all([...new Set(runIds)].map((runId) => oneOf(runId, work)));
}

async function oneOf(runId: string, work: (runId: string) => Promise<Run>): Promise<BulkResult> {
  try {
    return { runId, run: await work(runId) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { runId, problem: error };
  }
}
