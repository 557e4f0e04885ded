import { gapLine, type LogText } from '../../words/logs.ts';
import { open } from 'node:fs/promises';
import { readFully, textPath } from './files.ts';
import { byteRange, retried } from './read.ts';
import { lastOf, segmentOrGap } from './segments.ts';
import type { LogState } from './state.ts';

/** A stretch of the answer: bytes in memory, or a stretch of a file. */
type Part = { kind: 'memory'; bytes: Buffer } | FilePart;

interface FilePart {
  kind: 'file';
  path: string;
  start: number;
  end: number;
}

const chunkBytes = 256 * 1024;
/** Buffers are used again: fresh ones for each answer are what makes memory grow, and time go, under load. */
const idleBuffers: Buffer[] = [];
const mostIdle = 32;

/** Lines `from` to `to` as text: from memory where it has them all, else the files are read while the text is sent. */
export async function textOf(state: LogState, from: number, to: number): Promise<LogText> {
  const first = Math.max(1, from);
  const last = Math.min(to, state.last);
  if (first > last) return { first, last: first - 1, bytes: 0, chunks: () => chunksOf([]) };
  const parts = inMemory(state, first, last) ?? (await retried(state, () => onDisk(state, first, last)));
  return {
    first,
    last,
    bytes: parts.reduce((sum, part) => sum + sizeOf(part), 0),
    chunks: () => chunksOf(parts),
  };
}

function inMemory(state: LogState, first: number, last: number): Part[] | undefined {
  return state.ring.pieces(first, last)?.map((piece) => ({ kind: 'memory', bytes: piece.text }));
}

async function onDisk(state: LogState, first: number, last: number): Promise<Part[]> {
  const parts: Part[] = [];
  for (let next = first; next <= last;) {
    const found = segmentOrGap(state.segments, next);
    if (!found) break;
    if ('kind' in found) {
      const end = Math.min(last, found.last);
      parts.push({ kind: 'memory', bytes: Buffer.from(gapLine({ kind: 'gap', first: next, last: end })) });
      next = end + 1;
    } else {
      const end = Math.min(last, lastOf(found));
      const range = await byteRange(state.folder, found, next, end);
      parts.push({ kind: 'file', path: textPath(state.folder, found.first), ...range });
      next = end + 1;
    }
  }
  return parts;
}

function sizeOf(part: Part): number {
  return part.kind === 'memory' ? part.bytes.length : part.end - part.start;
}

async function* chunksOf(parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part.kind === 'memory') yield part.bytes;
    else yield* fileChunks(part);
  }
}

async function* fileChunks({ path, start, end }: FilePart): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = idleBuffers.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
    for (let at = start; at < end; at += chunkBytes) {
      const chunk = buffer.subarray(0, Math.min(chunkBytes, end - at));
      await readFully(file, chunk, at);
      yield chunk;
    }
    // Not where the reader went away: the kernel may still be sending from the buffer.
    if (idleBuffers.length < mostIdle) idleBuffers.push(buffer);
  } finally {
    await file.close();
  }
}
