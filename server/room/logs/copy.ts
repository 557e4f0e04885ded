import type { LogGap } from '../../words/logs.ts';
import type { RemovedPart } from './counts.ts';
import type { Logs, LogWriter } from './logs.ts';
import { blocksOf, type LogPiece } from './piece.ts';

/**
 * Copies one log with the numbers, times and streams of its lines, and what is known of those that were removed; gives the
 * number of its last line, undefined where there is none. What `to` had of it is removed first. Nobody may write it.
 *
 * @throws Error where it could not be written whole
 */
export async function copyLog(from: Logs, to: Logs, runId: string): Promise<number | undefined> {
  await to.remove(runId);
  if ((await from.lineCount(runId)) === undefined) return undefined;
  const gaps = await from.removedParts(runId);
  const writer = await to.write(runId);
  const follower = from.follow(runId, 1, () => {});
  try {
    for (let item = await follower.take(); item && !writer.fault; item = await follower.take()) {
      copyItem(item, gaps, writer);
      await writer.congested;
    }
  } finally {
    follower.close();
    await writer.end();
  }
  if (writer.fault) throw writer.fault;
  return writer.lastLine;
}

function copyItem(item: LogPiece | LogGap, gaps: readonly RemovedPart[], writer: LogWriter): void {
  if (item.kind === 'lines') for (const [at, stream, text] of blocksOf(item)) writer.append(stream, text, at);
  else for (const gap of gaps) if (gap.first >= item.first && gap.last <= item.last) writer.skip(gap);
}
