import type { NewLogChunk, RemovedChunk } from '../../../store/contract/logChunks.ts';
import { countLines, noLines } from '../counts.ts';
import { bytesPerLine, endOf, offsetOf, wordOfOffset, wordsPerLine } from '../lineIndex.ts';
import { cut, type LogPiece } from '../piece.ts';
import { bodyOf } from './body.ts';

/** What a row takes beside its body, about. */
const rowBytes = 128;

/** Bytes of lines as the limit of a log counts them: those that they would have in files. */
export function rawOf(piece: LogPiece): number {
  return piece.text.length + (piece.last - piece.first + 1) * bytesPerLine;
}

export function chunkOf(piece: LogPiece, since: number): NewLogChunk {
  const { first, last, text } = piece;
  const body = bodyOf(piece);
  const seen = { ...noLines };
  countLines(seen, piece.index);
  return {
    first,
    last,
    since,
    raw: rawOf(piece),
    stored: body.length + rowBytes,
    textBytes: text.length,
    body,
    seen,
  };
}

export function removedChunk({ first, last, ...seen }: RemovedChunk): NewLogChunk {
  return { first, last, since: first, raw: 0, stored: rowBytes, textBytes: 0, body: null, seen };
}

/** Neighbouring pieces as one, in memory of its own. */
export function joinedAll(pieces: readonly LogPiece[]): LogPiece {
  const text = Buffer.concat(pieces.map((piece) => piece.text));
  const index = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.index.length, 0));
  let [at, word] = [0, 0];
  for (const piece of pieces) {
    index.set(piece.index, word);
    for (const end = word + piece.index.length; word < end; word += wordsPerLine)
      index[word + wordOfOffset] = (index[word + wordOfOffset] ?? 0) - piece.base + at;
    at += piece.text.length;
  }
  const [first, last] = [pieces[0]?.first ?? 1, pieces.at(-1)?.last ?? 0];
  return { kind: 'lines', first, last, text, index, base: 0 };
}

/** A piece in parts of about so many bytes each: one that is less than twice as large stays whole. */
export function partsOf(piece: LogPiece, bytes: number): LogPiece[] {
  const parts: LogPiece[] = [];
  let rest = piece;
  while (rawOf(rest) >= 2 * bytes && rest.last > rest.first) {
    const end = lastThatFits(rest, bytes);
    parts.push(cut(rest, rest.first, end));
    rest = cut(rest, end + 1, rest.last);
  }
  return [...parts, rest];
}

/** Number of the line with which a piece from its beginning on has so many bytes; never its last. */
function lastThatFits({ first, last, index }: LogPiece, bytes: number): number {
  let line = 0;
  const start = offsetOf(index, 0);
  while (first + line < last - 1 && endOf(index, line) - start + (line + 1) * bytesPerLine < bytes) line++;
  return first + line;
}
