import { indexPath, isMissing, readFully, readIndex, textPath, withFile } from './files.ts';
import { endOf, offsetOf, wordsPerLine } from './lineIndex.ts';
import type { LogPiece } from './piece.ts';
import { lastOf, segmentOrGap, type Segment } from './segments.ts';
import type { LogState } from './state.ts';
import type { LogGap } from '../../words/logs.ts';

/** A piece from disk has at most this many lines, and this much text or one line. */
const pieceLines = 4096;
const pieceBytes = 256 * 1024;

/** What comes at line `from` of a log: some lines, or the gap that it fell into; undefined behind the end. */
export async function pieceFrom(state: LogState, from: number): Promise<LogPiece | LogGap | undefined> {
  return state.ring.pieceFrom(from) ?? retried(state, () => pieceFromDisk(state, from));
}

/**
 * Does a read again as long as it missed a file and the segments changed under it: a log that is over its limit
 * loses a segment now and then, and the next look finds the gap in its place.
 */
export async function retried<T>(state: LogState, read: () => Promise<T>): Promise<T> {
  for (;;) {
    const { segments } = state;
    try {
      return await read();
    } catch (error) {
      if (!isMissing(error) || segments === state.segments) throw error;
    }
  }
}

async function pieceFromDisk(state: LogState, from: number): Promise<LogPiece | LogGap | undefined> {
  const found = segmentOrGap(state.segments, from);
  return !found || 'kind' in found ? found : readPiece(state.folder, found, from);
}

async function readPiece(folder: string, segment: Segment, from: number): Promise<LogPiece> {
  const start = from - segment.first;
  const entries = Math.min(pieceLines, lastOf(segment) - from + 1);
  const all = await withFile(indexPath(folder, segment.first), 'r', (file) =>
    readIndex(file, start, entries),
  );
  const lines = linesThatFit(all);
  const base = offsetOf(all, 0);
  const text = Buffer.allocUnsafeSlow(endOf(all, lines - 1) - base);
  await withFile(textPath(folder, segment.first), 'r', (file) => readFully(file, text, base));
  const index = all.subarray(0, lines * wordsPerLine);
  return { kind: 'lines', first: from, last: from + lines - 1, text, index, base };
}

function linesThatFit(index: Uint32Array): number {
  const limit = offsetOf(index, 0) + pieceBytes;
  let lines = index.length / wordsPerLine;
  while (lines > 1 && endOf(index, lines - 1) > limit) lines--;
  return lines;
}

/** Where lines `from` to `to`, all of one segment, begin and end in its text. */
export async function byteRange(
  folder: string,
  segment: Segment,
  from: number,
  to: number,
): Promise<{ start: number; end: number }> {
  const startsWhole = from === segment.first;
  const endsWhole = to === lastOf(segment);
  const { textBytes } = segment;
  if (startsWhole && endsWhole) return { start: 0, end: textBytes };
  return withFile(indexPath(folder, segment.first), 'r', async (file) => {
    const start = startsWhole ? 0 : offsetOf(await readIndex(file, from - segment.first, 1), 0);
    const end = endsWhole ? textBytes : endOf(await readIndex(file, to - segment.first, 1), 0);
    return { start, end };
  });
}
