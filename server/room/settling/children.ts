import { isPart, isTerminal, type Run } from '../../words/run.ts';
import type { Changes } from './changes.ts';
import { stopRun } from './stop.ts';

/** A run is to stop, or has ended without an image: nobody waits for its child runs any more. */
export async function stopChildren(changes: Changes, run: Run): Promise<void> {
  if (run.kind !== 'image' || isPart(run)) return;
  for (const child of await changes.tx.childRuns(run.id))
    if (!isTerminal(child.state))
      await stopRun(changes, child, { reason: 'canceled', error: `run ${run.id} does not need it any more` });
}
