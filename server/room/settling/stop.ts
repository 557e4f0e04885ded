import type { Run } from '../../words/run.ts';
import { cancelRequested, type StopWish } from '../../words/transitions/waiting.ts';
import type { Changes } from './changes.ts';

/**
 * Wants a run to stop: what waits is canceled now, what runs is told so after the commit. Gives the run as it is then;
 * the same one where there is nothing to do any more.
 */
export async function stopRun(changes: Changes, run: Run, wish?: StopWish): Promise<Run> {
  const attempt = run.state === 'queued' ? (await changes.tx.attempts(run.id)).at(-1) : undefined;
  const change = cancelRequested(run, attempt, changes.now, wish);
  return (change && (await changes.apply(run, attempt, change))) ?? run;
}
