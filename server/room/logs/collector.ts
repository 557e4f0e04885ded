import type { LogStream } from '../../../builder/model/log.ts';
import {
  bytesPerLine,
  streamWord,
  timeWord,
  wordOfLength,
  wordOfOffset,
  wordOfStream,
  wordOfTime,
  wordsPerLine,
} from './lineIndex.ts';
import type { LogPiece } from './piece.ts';

/** Lines that are written together. */
export interface Batch {
  /** First line of the segment that they belong to. */
  segment: number;
  piece: LogPiece;
}

/** Collects the lines of one log until they are written together. */
export interface Collector {
  /** Number of the newest line. */
  readonly lastLine: number;
  /** What the collected lines will take on disk. */
  readonly bytes: number;
  add(stream: LogStream, block: string, at: number): void;
  /** Takes the collected lines out; undefined where there are none. */
  take(): Batch | undefined;
  /** The next line, of a new segment, gets this number. Only where nothing is collected. */
  skipTo(line: number): void;
}

const newline = 10;
const usualText = 256 * 1024;
const usualIndex = 4096 * wordsPerLine;

/** The first line gets the number `first`, and begins a segment; the next segment begins where one is full. */
export function newCollector(first: number, segmentBytes: number): Collector {
  // Both are used again and again: one allocation for each block is what makes memory grow under load.
  let text = Buffer.allocUnsafeSlow(usualText);
  let index = new Uint32Array(usualIndex);
  let bytes = 0;
  let lines = 0;
  /** Where the collected lines begin. */
  let place = { segment: first, lines: 0, base: 0 };

  function add(stream: LogStream, block: string, at: number): void {
    const start = bytes;
    const size = Buffer.byteLength(block);
    if (bytes + size + 1 > text.length) text = largerText(text, bytes + size + 1);
    bytes += text.write(block, bytes);
    if (text[bytes - 1] !== newline) text[bytes++] = newline;
    index = addEntries(start, timeWord(at), streamWord(at, stream));
  }

  function addEntries(from: number, time: number, streamAndTime: number): Uint32Array<ArrayBuffer> {
    const written = text.subarray(0, bytes);
    let entries = index;
    let word = lines * wordsPerLine;
    for (let start = from; start < bytes; word += wordsPerLine) {
      const end = written.indexOf(newline, start) + 1;
      if (word === entries.length) entries = twice(entries);
      entries[word + wordOfOffset] = place.base + start;
      entries[word + wordOfTime] = time;
      entries[word + wordOfStream] = streamAndTime;
      entries[word + wordOfLength] = end - start;
      start = end;
    }
    lines = word / wordsPerLine;
    return entries;
  }

  function take(): Batch | undefined {
    if (lines === 0) return undefined;
    const start = place.segment + place.lines;
    const piece: LogPiece = {
      kind: 'lines',
      first: start,
      last: start + lines - 1,
      text: copyOf(text.subarray(0, bytes)),
      index: index.slice(0, lines * wordsPerLine),
      base: place.base,
    };
    const batch = { segment: place.segment, piece };
    move();
    return batch;
  }

  function move(): void {
    const next = { segment: place.segment, lines: place.lines + lines, base: place.base + bytes };
    const isFull = next.base + next.lines * bytesPerLine >= segmentBytes;
    place = isFull ? { segment: next.segment + next.lines, lines: 0, base: 0 } : next;
    lines = 0;
    bytes = 0;
    if (text.length > usualText) text = Buffer.allocUnsafeSlow(usualText);
    if (index.length > 4 * usualIndex) index = new Uint32Array(usualIndex);
  }

  return {
    add,
    take,
    skipTo(line) {
      place = { segment: line, lines: 0, base: 0 };
    },
    get lastLine() {
      return place.segment + place.lines + lines - 1;
    },
    get bytes() {
      return bytes + lines * bytesPerLine;
    },
  };
}

/** In memory of its own, so that it can be given back. */
function copyOf(text: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(text.length);
  text.copy(copy);
  return copy;
}

function largerText(text: Buffer<ArrayBuffer>, atLeast: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.max(atLeast, 2 * text.length));
  text.copy(larger);
  return larger;
}

function twice(index: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(index.length * 2);
  larger.set(index);
  return larger;
}
