import { copyLog } from '../copy.ts';
import type { Logs } from '../logs.ts';
import { digestOf } from './digest.ts';

export interface CopiedLogs {
  logs: number;
  lines: number;
}

/** Each of them waits for the disk at its end. */
const atOnce = 8;

/**
 * Copies the logs of these runs, and compares each with what was kept of it.
 *
 * @throws Error that names the first log that differs
 */
export async function copyLogs(
  from: Logs,
  to: Logs,
  runIds: AsyncIterable<string>,
  onLogs: (copied: CopiedLogs) => void,
): Promise<CopiedLogs> {
  const copied = { logs: 0, lines: 0 };
  const next = runIds[Symbol.asyncIterator]();
  const copyNext = async () => {
    for (let run = await next.next(); !run.done; run = await next.next()) {
      if ((await copyLog(from, to, run.value)) === undefined) continue;
      // Awaited first: others add to it meanwhile.
      const lines = await compared(from, to, run.value);
      copied.lines += lines;
      copied.logs++;
      onLogs(copied);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, copyNext));
  return copied;
}

/** Gives the number of its lines. */
async function compared(from: Logs, to: Logs, runId: string): Promise<number> {
  const [wanted, found] = [await digestOf(from, runId), await digestOf(to, runId)];
  if (wanted.value !== found.value)
    throw new Error(`after the copy the log of the run ${runId} is another one`);
  return wanted.lines ?? 0;
}
