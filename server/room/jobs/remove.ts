import { Problem } from '../../words/problems.ts';
import type { Room } from '../room.ts';
import { settleWaiting } from './dependencies.ts';
import { type Expected, expectedJob } from './change.ts';

/**
 * Removes a job with its versions, runs and logs. What waited for it waits no longer.
 *
 * @throws Problem `not_found`, `conflict` while a run of it has not ended, `precondition_failed`
 */
export async function removeJob(room: Room, jobId: string, expected: Expected): Promise<void> {
  const { runIds, dependents } = await room.store.write(async (tx) => {
    await expectedJob(tx, jobId, expected);
    const waiting = await tx.dependents(jobId);
    const removed = await tx.deleteJob(jobId);
    if (!removed) throw new Problem('conflict', 'job has active runs: cancel them, or wait for their end');
    return { runIds: removed, dependents: waiting };
  });
  await settleWaiting(
    room,
    dependents.map((dependency) => dependency.jobId),
  );
  for (const runId of runIds) await removeLog(room, runId);
}

/** A log that stays behind costs space and nothing else. */
async function removeLog({ logs, report }: Room, runId: string): Promise<void> {
  try {
    await logs.remove(runId);
  } catch (error) {
    report.warn({ error, run: runId }, 'the log of a removed run could not be removed');
  }
}
