import type { LogBlock, LogLine } from '../../words/logs.ts';
import { endOf, offsetOf, streamOf, timeOf, wordOfStream, wordOfTime, wordsPerLine } from './lineIndex.ts';

/** Some neighbouring lines of one segment, with their part of the index. Never changed after it was made. */
export interface LogPiece {
  kind: 'lines';
  first: number;
  last: number;
  text: Buffer;
  /** Its offsets count from the start of the segment. */
  index: Uint32Array;
  /** Where the text begins in the segment. */
  base: number;
}

/** Lines `from` to `to` of a piece that holds them; the piece itself where that is all of it. */
export function cut(piece: LogPiece, from: number, to: number): LogPiece {
  if (from <= piece.first && to >= piece.last) return piece;
  const start = from - piece.first;
  const count = to - from + 1;
  const index = piece.index.subarray(start * wordsPerLine, (start + count) * wordsPerLine);
  const base = offsetOf(index, 0);
  const text = piece.text.subarray(base - piece.base, endOf(index, count - 1) - piece.base);
  return { kind: 'lines', first: from, last: to, text, index, base };
}

/** Both pieces as one, where the second goes on in the same segment where the first ends. */
export function joined(one: LogPiece, two: LogPiece): LogPiece | undefined {
  if (one.last + 1 !== two.first || one.base + one.text.length !== two.base) return undefined;
  const index = new Uint32Array(one.index.length + two.index.length);
  index.set(one.index);
  index.set(two.index, one.index.length);
  const text = Buffer.concat([one.text, two.text]);
  return { kind: 'lines', first: one.first, last: two.last, text, index, base: one.base };
}

/** Gives the memory of a piece back at once. Nobody may use the piece, or a cut of it, any more. */
export function release({ text, index }: LogPiece): void {
  for (const { buffer, byteLength } of [text, index])
    // Small buffers lie together with others in one piece of memory.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** The lines in blocks, as live readers get them. */
export function blocksOf(piece: LogPiece): LogBlock[] {
  const blocks: LogBlock[] = [];
  const count = piece.last - piece.first + 1;
  for (let start = 0; start < count;) {
    let end = start + 1;
    while (end < count && isSameBlock(piece.index, start, end)) end++;
    const text = piece.text.toString(
      'utf8',
      offsetOf(piece.index, start) - piece.base,
      endOf(piece.index, end - 1) - piece.base,
    );
    blocks.push([timeOf(piece.index, start), streamOf(piece.index, start), text]);
    start = end;
  }
  return blocks;
}

/** The lines one by one. */
export function linesOf(piece: LogPiece): LogLine[] {
  return Array.from({ length: piece.last - piece.first + 1 }, (_, line) => ({
    number: piece.first + line,
    at: timeOf(piece.index, line),
    stream: streamOf(piece.index, line),
    text: piece.text.toString(
      'utf8',
      offsetOf(piece.index, line) - piece.base,
      endOf(piece.index, line) - 1 - piece.base,
    ),
  }));
}

function isSameBlock(index: Uint32Array, one: number, two: number): boolean {
  const a = one * wordsPerLine;
  const b = two * wordsPerLine;
  return (
    index[a + wordOfTime] === index[b + wordOfTime] && index[a + wordOfStream] === index[b + wordOfStream]
  );
}
