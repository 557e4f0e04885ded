import type { LogCommit, RemovedChunk } from '../../../store/contract/logChunks.ts';
import type { LogPiece } from '../piece.ts';
import { rawOf } from './chunk.ts';
import { newChunker, type Packed, sizeOf } from './chunker.ts';

/** What waits to be stored of one log, in order. */
export interface LogQueue {
  /** Bytes of lines that are not stored yet. */
  readonly waitingBytes: number;
  /** There is nothing to be stored that was not given yet. */
  readonly isEmpty: boolean;
  /** Nor is anything given that was not stored yet. */
  readonly isStored: boolean;
  push(item: LogPiece | RemovedChunk): void;
  /** What is to be stored next; undefined where nothing is. All that it gave must be stored before what it gives then. */
  next(mostBytes: number): Prepared | undefined;
  /** Nothing more will be pushed: what is left of small chunks becomes one. */
  finish(): void;
  /** So many bytes of what it gave at one time are stored. */
  stored(bytes: number): void;
  /** Nothing of it can be stored any more. */
  clear(): void;
}

export interface Prepared {
  queue: LogQueue;
  commit: LogCommit;
  /** Its lines as they were pushed, those that are stored again left out. */
  pieces: readonly LogPiece[];
  bytes: number;
}

export interface LogQueueOptions {
  runId: string;
  writer: string;
  /** Number of the newest line, and of commits, that the log has. */
  last: number;
  commits: number;
  /** Bytes of a full chunk. */
  chunkBytes: number;
  maxBytes: number;
}

export function newLogQueue({ runId, writer, chunkBytes, maxBytes, ...head }: LogQueueOptions): LogQueue {
  const chunker = newChunker(head.last + 1, chunkBytes);
  let { last, commits } = head;
  let waiting: (LogPiece | RemovedChunk)[] = [];
  let waitingBytes = 0;
  let given = 0;

  const isEmpty = (): boolean => waiting.length === 0 && !chunker.hasRest;

  function next(mostBytes: number): Prepared | undefined {
    const [item] = waiting;
    if (item && !('kind' in item)) {
      waiting.shift();
      return prepared(chunker.skip(item), []);
    }
    if (isEmpty()) return undefined;
    const pieces = taken(mostBytes);
    return prepared(chunker.pack(pieces), pieces);
  }

  function taken(mostBytes: number): LogPiece[] {
    const pieces: LogPiece[] = [];
    let bytes = 0;
    for (const item of waiting) {
      if (!('kind' in item) || (bytes > 0 && bytes + rawOf(item) > mostBytes)) break;
      pieces.push(item);
      bytes += rawOf(item);
    }
    waiting = waiting.slice(pieces.length);
    return pieces;
  }

  function prepared(
    { chunks, replaceFrom, replacedBytes, keepFrom }: Packed,
    pieces: readonly LogPiece[],
  ): Prepared {
    const bytes = sizeOf(pieces);
    const stored = chunks.reduce((sum, chunk) => sum + chunk.stored, 0) - replacedBytes;
    last = chunks.at(-1)?.last ?? last;
    given++;
    const before = commits++;
    const grown = { commits: before, last, raw: bytes, stored };
    const commit = { runId, writer, ...grown, replaceFrom, chunks, maxRaw: maxBytes, keepFrom };
    return { queue, commit, pieces, bytes };
  }

  const queue: LogQueue = {
    next,
    finish: chunker.finish,
    get waitingBytes() {
      return waitingBytes;
    },
    get isEmpty() {
      return isEmpty();
    },
    get isStored() {
      return given === 0 && isEmpty();
    },
    push(item) {
      waiting.push(item);
      if ('kind' in item) waitingBytes += rawOf(item);
    },
    stored(bytes) {
      waitingBytes -= bytes;
      given--;
    },
    clear() {
      [waiting, waitingBytes, given] = [[], 0, 0];
    },
  };
  return queue;
}
