import { setTimeout as pause } from 'node:timers/promises';
import type { LogWriter } from './logs/logs.ts';
import { untilAnswered } from './patientRoom.ts';
import type { Room } from './room.ts';
import type { Held } from './worker.ts';

/** How long an attempt has, from when it heard that its lease is lost, to stop and clean up, in milliseconds. */
const lettingGoMs = 30_000;

/**
 * Opens the log of a run for an attempt of it. Where the lease of an attempt before was lost, that one may still write:
 * it is waited for, so that the lines of each are whole and in order. Throws as `Logs.write` does.
 */
export async function openRunLog(
  { logs, policy, report }: Room,
  { run, attempt, leaseId, earlier, patience }: Held,
  signal: AbortSignal,
  onFault?: (fault: Error) => void,
): Promise<LogWriter> {
  // By then it has heard that its lease is lost: it renews it more often than that.
  if (earlier) await endOf(earlier, policy().leaseMs + lettingGoMs);
  const who = { run: run.id, attempt: attempt.id };
  const hold = { holder: { attemptId: attempt.id, leaseId }, patience };
  const open = () => endedWhere(signal, logs.write(run.id, onFault, hold));
  return untilAnswered(open, { signal, report, who });
}

/** One that comes when nobody waits for it any more would keep the log from all others. */
async function endedWhere(signal: AbortSignal, opening: Promise<LogWriter>): Promise<LogWriter> {
  const log = await opening;
  if (signal.aborted) await log.end();
  return log;
}

async function endOf(earlier: Promise<unknown>, mostMs: number): Promise<void> {
  const ended = new AbortController();
  const patience = pause(mostMs, undefined, { signal: ended.signal, ref: false });
  await Promise.race([earlier, patience]).finally(() => ended.abort());
}
