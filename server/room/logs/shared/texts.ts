import type { LogChunks } from '../../../store/contract/logChunks.ts';
import type { LogText } from '../../../words/logs.ts';
import { isLogId } from '../logId.ts';
import { storedText, textInMemory } from './read.ts';
import type { SharedLogs } from './sharedLog.ts';

/** Reads stretches of logs, whoever writes them. */
export interface LogTexts {
  lineCount(runId: string): Promise<number | undefined>;
  tail(runId: string, n: number): Promise<LogText | undefined>;
  range(runId: string, from: number, to: number): Promise<LogText | undefined>;
}

export function newLogTexts(
  logs: SharedLogs,
  chunks: Pick<LogChunks, 'heads' | 'outline' | 'read'>,
): LogTexts {
  async function lineCount(runId: string): Promise<number | undefined> {
    const log = logs.get(runId);
    if (log?.isWritten) return log.last;
    if (!isLogId(runId)) return undefined;
    const head = (await chunks.heads([runId])).get(runId);
    logs.see(runId, head);
    return head?.last;
  }

  async function range(runId: string, from: number, to: number): Promise<LogText | undefined> {
    const newest = await lineCount(runId);
    return newest === undefined ? undefined : text(runId, Math.max(1, from), Math.min(to, newest));
  }

  async function text(runId: string, first: number, last: number): Promise<LogText> {
    if (first > last) return textInMemory([], first, first - 1);
    const held = logs.get(runId)?.ring().pieces(first, last);
    if (!held) return storedText(chunks, runId, first, last);
    return textInMemory(
      held.map((piece) => piece.text),
      first,
      last,
    );
  }

  return {
    lineCount,
    range,
    async tail(runId, n) {
      const newest = await lineCount(runId);
      return newest === undefined ? undefined : text(runId, Math.max(1, newest - n + 1), newest);
    },
  };
}
