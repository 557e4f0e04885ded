import { open, rm, type FileHandle } from 'node:fs/promises';
import { keepCount, type RemovedPart } from './counts.ts';
import { indexPath, syncFolder, textPath, writeFully } from './files.ts';
import { asBytes, bytesPerLine } from './lineIndex.ts';
import type { LogPiece } from './piece.ts';
import type { Segment } from './segments.ts';

/** Writes the segments of one log, one piece after the other. */
export interface SegmentWriter {
  /** Appends a piece to `segment`, which is the newest; its files are made where it is empty. */
  append(segment: Segment, piece: LogPiece): Promise<void>;
  /** Only the count of its lines stays. */
  remove(segment: Segment): Promise<void>;
  /** Resolves when everything is durable and every file closed; rejects with the first fault. */
  close(): Promise<void>;
}

interface OpenSegment {
  first: number;
  text: FileHandle;
  index: FileHandle;
}

export function newSegmentWriter(folder: string): SegmentWriter {
  let current: OpenSegment | undefined;
  /** First line of all that was written here. */
  let written: number | undefined;
  let removed: RemovedPart | undefined;
  const retired: Promise<PromiseSettledResult<void>[]>[] = [];

  async function append(segment: Segment, piece: LogPiece): Promise<void> {
    written ??= segment.first;
    const { text, index } = await opened(segment);
    await writeFully(text, piece.text, segment.textBytes);
    await writeFully(index, asBytes(piece.index), segment.lines * bytesPerLine);
  }

  async function opened(segment: Segment): Promise<OpenSegment> {
    if (current?.first === segment.first) return current;
    retire();
    const text = await open(textPath(folder, segment.first), 'w');
    try {
      current = { first: segment.first, text, index: await open(indexPath(folder, segment.first), 'w') };
    } catch (error) {
      await text.close();
      throw error;
    }
    return current;
  }

  /** The sync of a full segment takes long and need not hold up the next one. */
  function retire(): void {
    if (current) retired.push(Promise.allSettled([sealed(current.text), sealed(current.index)]));
    current = undefined;
  }

  async function remove(segment: Segment): Promise<void> {
    // What was written before may be that of another attempt, which is counted by itself.
    const isOwn = written !== undefined && segment.first >= written;
    const part = await keepCount(folder, segment, isOwn ? removed : undefined);
    if (isOwn) removed = part;
    await rm(textPath(folder, segment.first), { force: true });
    await rm(indexPath(folder, segment.first), { force: true });
  }

  async function close(): Promise<void> {
    retire();
    const results = (await Promise.all(retired)).flat();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    await syncFolder(folder);
  }

  return { append, remove, close };
}

async function sealed(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
