import type { Run } from '../../words/run.ts';
import { supersededSentence, supersessions } from '../../words/supersede.ts';
import type { Changes } from './changes.ts';
import { stopRun } from './stop.ts';

/** A run stands in the line of its key: whatever gives way to it there is canceled, perhaps the run itself. */
export async function giveWay(changes: Changes, run: Run): Promise<void> {
  if (run.concurrencyKey === null) return;
  const { supersedePolicy = 'queue' } = (await changes.jobOf(run)).definition;
  if (supersedePolicy === 'queue' || supersedePolicy === 'round_robin') return;
  const open = await changes.tx.openRunsOfKey(run.jobId, run.concurrencyKey);
  const others = open.filter(({ id, state }) => id !== run.id && (state === 'queued' || state === 'running'));
  for (const { run: old, by } of supersessions(supersedePolicy, run, others))
    await stopRun(changes, old, { reason: 'superseded', error: supersededSentence(by) });
}
