import { longestPauseMs } from '../words/transitions/retry.ts';
import type { LineReads, LineWrites, Queue } from './contract/lines.ts';
import { settleJob, settleLine, settleQueue } from './gates.ts';
import { resetJob } from './limits.ts';
import { prepareFor } from './preparing.ts';
import type { Sql } from './sql.ts';
import { readyAttempts } from './statements/attempts.ts';
import { nextDueAt } from './statements/due.ts';
import { jobById, reopeningJobs } from './statements/jobs.ts';
import { knownQueue, knownQueues, noteQueue, queueLoad, queueLoads } from './statements/knownQueues.ts';
import { claimablePlaces, type Line, moveLine, removeLine } from './statements/lines.ts';
import { allQueues, jobsOfQueue, storeQueue } from './statements/queues.ts';
import { longestWindow } from './statements/rateStarts.ts';
import { bringBack, jobsClosedTooLong } from './statements/setBack.ts';

export function lineReads(sql: Sql): LineReads {
  return {
    nextDueAt: () => nextDueAt(sql),
    claimable: () => claimablePlaces(sql),
    queues: () => allQueues(sql),
    knownQueues: () => knownQueues(sql),
    knownQueue: (name) => knownQueue(sql, name),
    queueLoads: () => queueLoads(sql),
    queueLoad: (name) => queueLoad(sql, name),
  };
}

export function lineWrites(sql: Sql): LineWrites {
  return {
    openDue: (now, limit) => openDue(sql, now, limit),
    prepareFor: (runs) => prepareFor(sql, runs),
    setQueue: (queue, now) => setQueue(sql, queue, now),
    noteQueue: (queue) => noteQueue(sql, queue),
  };
}

/** What follows from a change of a line. One without a key stays, for it will be used again. */
export async function followLine(sql: Sql, line: Line, now: number): Promise<void> {
  if (line.isIdle && line.lane !== '') await removeLine(sql, line.key);
  if (line.limited) await settleLine(sql, line, now);
}

async function openDue(sql: Sql, now: number, limit: number): Promise<number> {
  const ready = await readyAttempts(sql, now, limit);
  const back = await bringBack(sql, now, longestPauseMs, limit);
  for (const key of new Set([...ready, ...back])) await followLine(sql, await moveLine(sql, key, 0, 0), now);
  const due = await reopeningJobs(sql, now, limit);
  const stray = await jobsClosedTooLong(sql, now, await longestWindow(sql), limit);
  for (const id of [...due, ...stray]) await settleJob(sql, id, now);
  return ready.length + back.length + due.length + stray.length;
}

async function setQueue(sql: Sql, queue: Queue, now: number): Promise<void> {
  await storeQueue(sql, queue);
  for (const id of await jobsOfQueue(sql, queue.name)) {
    const job = await jobById(sql, id);
    if (job) await resetJob(sql, job, now);
  }
  // What runs in it was not counted before the last of its lines was reset.
  await settleQueue(sql, queue.name);
}
