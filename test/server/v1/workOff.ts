import type { Room } from '../../../server/room/room.ts';
import { settle } from '../../../server/room/settle.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import type { Run } from '../../../server/words/run.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { failed, succeeded } from '../../../server/words/transitions/running.ts';
import { known, nothingDone, take, type Taken } from '../store/temporaryStore.ts';

/** Starts the run whose turn it is, as a worker does. */
export async function startNext(room: Room): Promise<Taken> {
  const taken = await known(room.store.write((tx) => take(tx, room.now(), 'http')));
  room.events.runChanged(taken.run);
  return taken;
}

/** Ends it: with this answer of its endpoint, or for a reason. */
export async function end(
  room: Room,
  { run, attempt }: Taken,
  how: { output: string } | { reason: RunReason } = { output: '{"ok":true}' },
): Promise<Run> {
  return settle(room, async ({ tx, apply, now }) => {
    if ('output' in how) {
      await tx.setOutput(run.id, how.output);
      return known(apply(run, attempt, succeeded(run, attempt, null, nothingDone, now)));
    }
    const failure = { reason: how.reason, error: `it ended as ${how.reason}` };
    return known(apply(run, attempt, failed(run, attempt, failure, nothingDone, retryPlanOf({}, 0), now)));
  });
}

/** Both. */
export async function workOff(room: Room, how?: Parameters<typeof end>[2]): Promise<Run> {
  return end(room, await startNext(room), how);
}
