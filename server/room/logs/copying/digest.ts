import { createHash } from 'node:crypto';
import type { LogGap } from '../../../words/logs.ts';
import { asBytes, wordOfLength, wordOfStream, wordOfTime, wordsPerLine } from '../lineIndex.ts';
import type { Logs } from '../logs.ts';
import type { LogPiece } from '../piece.ts';

/** What two logs have in common that are the same, however they are kept. */
export interface LogDigest {
  /** Of all texts, of where and when each line and each gap was, and of what is known of lines that were removed. */
  value: string;
  /** Number of the newest line; undefined where there is no log. */
  lines: number | undefined;
}

/** Reads a log that nobody writes. */
export async function digestOf(logs: Logs, runId: string): Promise<LogDigest> {
  const lines = await logs.lineCount(runId);
  const [text, places] = [createHash('sha256'), createHash('sha256')];
  let gap: LogGap | undefined;
  const endGap = () => {
    if (gap) places.update(`gap ${gap.first} ${gap.last}\n`);
    gap = undefined;
  };
  const follower = logs.follow(runId, 1, () => undefined);
  try {
    for (let item = await follower.take(); item; item = await follower.take()) {
      if (item.kind === 'gap') gap = { ...item, first: gap?.first ?? item.first };
      else {
        endGap();
        text.update(item.text);
        places.update(asBytes(counted(item)));
      }
    }
    endGap();
  } finally {
    follower.close();
  }
  const seen = JSON.stringify([lines, (await logs.count(runId, 1)) ?? null]);
  return { value: `${text.digest('hex')} ${places.digest('hex')} ${seen}`, lines };
}

/** Of a line its time, its stream and its length count: its number is that of the line before and one. */
const countedWords = [wordOfTime, wordOfStream, wordOfLength] as const;

function counted({ first, last, index }: LogPiece): Uint32Array {
  const words = new Uint32Array((last - first + 1) * countedWords.length);
  for (let line = 0, at = 0; line <= last - first; line++)
    for (const word of countedWords) words[at++] = index[line * wordsPerLine + word] ?? 0;
  return words;
}
