import type { LogStream } from '../../../builder/model/log.ts';

/**
 * The index of a log: four 32-bit words a line, in memory as on disk (in the machine's own byte order, because a
 * conversion would cost more than all the rest of writing a line):
 * offset of the line in its segment · low half of the time · high half of the time (16 bits) and stream · bytes with "\n".
 */
export const wordsPerLine = 4;
export const bytesPerLine = 16;

export const wordOfOffset = 0;
export const wordOfTime = 1;
export const wordOfStream = 2;
export const wordOfLength = 3;

const streams = ['stdout', 'stderr', 'system'] as const satisfies readonly LogStream[];
const half = 2 ** 32;

/** The word that holds the upper part of a time and the stream. */
export function streamWord(at: number, stream: LogStream): number {
  return Math.floor(at / half) | (streams.indexOf(stream) << 16);
}

/** The word that holds the lower part of a time. */
export function timeWord(at: number): number {
  return at % half;
}

export function timeOf(index: Uint32Array, line: number): number {
  const word = line * wordsPerLine;
  return wordAt(index, word + wordOfTime) + (wordAt(index, word + wordOfStream) & 0xffff) * half;
}

export function streamOf(index: Uint32Array, line: number): LogStream {
  return streams[(wordAt(index, line * wordsPerLine + wordOfStream) >>> 16) & 0xff] ?? 'stdout';
}

/** Where the line begins in its segment. */
export function offsetOf(index: Uint32Array, line: number): number {
  return wordAt(index, line * wordsPerLine + wordOfOffset);
}

/** Where the line ends in its segment, its "\n" included. */
export function endOf(index: Uint32Array, line: number): number {
  return offsetOf(index, line) + lengthOf(index, line);
}

/** Bytes of the line, its "\n" included. */
export function lengthOf(index: Uint32Array, line: number): number {
  return wordAt(index, line * wordsPerLine + wordOfLength);
}

/** The index as the bytes that are written to disk, or read into; shares its memory. */
export function asBytes(index: Uint32Array): Buffer {
  return Buffer.from(index.buffer, index.byteOffset, index.byteLength);
}

function wordAt(index: Uint32Array, word: number): number {
  return index[word] ?? 0;
}
