import { Problem } from '../../words/problems.ts';
import type { Room } from '../room.ts';
import { settleWaiting } from './dependencies.ts';
import { type Expected, expectedJob } from './change.ts';

/** Runs that one transaction removes, so that none keeps the others waiting for long. */
const batch = 200;

/**
 * Removes a job with its versions, runs and logs. What waited for it waits no longer. The job is gone at once; its runs
 * go some at a time, those behind the first ones after this has resolved. Where the server ends meanwhile,
 * `finishRemovals` goes on.
 *
 * @throws Problem `not_found`, `conflict` while a run of it has not ended, `precondition_failed`
 */
export async function removeJob(room: Room, jobId: string, expected: Expected): Promise<void> {
  const dependents = await room.store.write(async (tx) => {
    await expectedJob(tx, jobId, expected);
    const waiting = await tx.dependents(jobId);
    if (!(await tx.deleteJob(jobId, room.now())))
      throw new Problem('conflict', 'job has active runs: cancel them, or wait for their end');
    return waiting;
  });
  await settleWaiting(
    room,
    dependents.map((dependency) => dependency.jobId),
  );
  if (await removeSome(room, jobId))
    finishRemovals(room).catch((error: unknown) =>
      room.report.error({ error, job: jobId }, 'what is left of a deleted job stays for now'),
    );
}

/** Goes on with the removal of jobs that an end of the server broke off. */
export async function finishRemovals(room: Room, signal = room.closing.signal): Promise<void> {
  for (const jobId of await room.store.read.deletedJobs(batch)) {
    let hasMore = true;
    while (hasMore && !signal.aborted) hasMore = await removeSome(room, jobId);
  }
}

/** Removes the first runs of a deleted job, with the last of them what is left of the job; whether there are more. */
async function removeSome(room: Room, jobId: string): Promise<boolean> {
  const { store } = room;
  const runs = await store.read.oldestRuns(jobId, batch);
  const [last, hasMore] = [runs.at(-1), runs.length === batch];
  await removeLogs(room, runs);
  await store.write(async (tx) => {
    if (last) await tx.removeRuns(jobId, last.key);
    if (!hasMore) await tx.forgetJob(jobId);
  });
  return hasMore;
}

/**
 * Removes the logs of runs that are about to be removed. They go first: a run that is there yet comes again, files that
 * nobody knows of would stay for ever.
 */
export async function removeLogs(
  { logs, report }: Pick<Room, 'logs' | 'report'>,
  runs: readonly { id: string }[],
): Promise<void> {
  for (const [run, error] of await logs.removeAll(runs.map(({ id }) => id)))
    report.warn({ error, run }, 'the log of a removed run could not be removed');
}
