import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import type { LogChunk } from '../../../store/contract/logChunks.ts';
import { wordOfLength, wordOfOffset, wordOfStream, wordOfTime, wordsPerLine } from '../lineIndex.ts';
import { cut, type LogPiece } from '../piece.ts';

/** The first byte of each body, so that another packing can be told from this one. */
const format = 1;
const [newline, runBytes] = [10, 12];
const packing = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What is packed is put together here: fresh memory for each chunk is what makes memory grow under load. */
let table = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * Packs lines: the number of runs of lines with one time and stream, each run (lines, and the two words of the index), the
 * text. Where a line ends is in the text itself.
 */
export function bodyOf({ index, text, first, last }: LogPiece): Buffer {
  const most = 4 + (last - first + 1) * runBytes + text.length;
  if (most > table.length) table = Buffer.allocUnsafeSlow(most);
  let end = 4;
  for (let word = 0; word < index.length;) {
    const [time, stream] = [index[word + wordOfTime] ?? 0, index[word + wordOfStream] ?? 0];
    const begin = word;
    do word += wordsPerLine;
    while (index[word + wordOfTime] === time && index[word + wordOfStream] === stream);
    end = table.writeUInt32LE((word - begin) / wordsPerLine, end);
    end = table.writeUInt32LE(time, end);
    end = table.writeUInt32LE(stream, end);
  }
  table.writeUInt32LE((end - 4) / runBytes);
  end += text.copy(table, end);
  return Buffer.concat([Buffer.of(format), zstdCompressSync(table.subarray(0, end), packing)]);
}

interface Unpacked {
  runs: Buffer;
  text: Buffer;
}

function unpacked(body: Uint8Array): Unpacked {
  if (body[0] !== format) throw new Error(`a chunk of a log is packed in the unknown way ${body[0]}`);
  const whole = zstdDecompressSync(body.subarray(1));
  const textAt = 4 + whole.readUInt32LE() * runBytes;
  return { runs: whole.subarray(4, textAt), text: whole.subarray(textAt) };
}

/** The text of those lines of a chunk that are among `from` to `to`. */
export function textIn({ first, last, body }: LogChunk, from: number, to: number): Buffer {
  if (!body) return Buffer.alloc(0);
  const { text } = unpacked(body);
  const start = from > first ? endOfLines(text, from - first) : 0;
  return text.subarray(start, to < last ? endOfLines(text, to - first + 1) : text.length);
}

function endOfLines(text: Buffer, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line++) end = text.indexOf(newline, end) + 1;
  return end;
}

/** Lines from `from` on of chunks that follow each other, none of them removed; one piece with memory of its own. */
export function pieceOf(chunks: readonly LogChunk[], from: number): LogPiece {
  const parts = chunks.flatMap(({ body }) => (body ? [unpacked(body)] : []));
  const [first, last] = [chunks[0]?.first ?? from, chunks.at(-1)?.last ?? from];
  const text = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.text.length, 0));
  const index = new Uint32Array((last - first + 1) * wordsPerLine);
  let [at, word] = [0, 0];
  for (const part of parts) {
    at += part.text.copy(text, at);
    word = addRuns(index, word, part.runs);
  }
  addPlaces(index, text);
  if (word !== index.length || at !== text.length)
    throw new Error(`lines ${first} to ${last} of a log are torn`);
  const piece: LogPiece = { kind: 'lines', first, last, text, index, base: 0 };
  return cut(piece, Math.max(first, from), last);
}

function addRuns(index: Uint32Array, start: number, runs: Buffer): number {
  let word = start;
  for (let at = 0; at < runs.length; at += runBytes) {
    const end = word + runs.readUInt32LE(at) * wordsPerLine;
    const [time, stream] = [runs.readUInt32LE(at + 4), runs.readUInt32LE(at + 8)];
    for (; word < end; word += wordsPerLine) {
      index[word + wordOfTime] = time;
      index[word + wordOfStream] = stream;
    }
  }
  return word;
}

function addPlaces(index: Uint32Array, text: Buffer): void {
  let start = 0;
  for (let word = 0; word < index.length; word += wordsPerLine) {
    const end = text.indexOf(newline, start) + 1;
    index[word + wordOfOffset] = start;
    index[word + wordOfLength] = end - start;
    start = end;
  }
}
