import { Problem } from '../../words/problems.ts';
import { isPart } from '../../words/run.ts';
import type { Room } from '../room.ts';
import type { Submitted } from '../submit/submission.ts';
import { submit } from '../submit/submit.ts';
import { replayOf } from './replay.ts';

/**
 * Does the work of a run once more, as a new run of which it is the parent, in the queue that it was in; whatever became
 * of the run so far, for its own work may ask for this while it still goes on. `delayMs` is how long to wait before.
 *
 * @throws Problem `not_found`, and what `submit` throws
 */
export async function retry(
  room: Room,
  runId: string,
  { delayMs, createdBy }: { delayMs: number; createdBy?: string },
): Promise<Submitted> {
  const run = await room.store.read.run(runId);
  if (!run || isPart(run)) throw new Problem('not_found', 'run not found');
  const again = await replayOf(room, run, createdBy);
  return submit(room, {
    ...again,
    queue: run.queue,
    ...(delayMs > 0 && { scheduledAt: room.now() + delayMs }),
  });
}
