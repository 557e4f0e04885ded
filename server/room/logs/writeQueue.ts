import type { Batch } from './collector.ts';
import { type RemovedPart, writeCount } from './counts.ts';
import { bytesPerLine } from './lineIndex.ts';
import { newReserve } from './reserve.ts';
import { newSegmentWriter } from './segmentWriter.ts';
import { sizeOf, victim } from './segments.ts';
import { type LogState, publish } from './state.ts';

/** Brings batches to disk in their order, and makes them visible. */
export interface WriteQueue {
  push(batch: Batch): void;
  /** Keeps the count of lines that are not there. */
  skip(part: RemovedPart): void;
  /** Resolves when everything pushed so far was written, or dropped after a fault. */
  settled(): Promise<void>;
  /** Set while too much waits for the disk. */
  readonly congested: Promise<void> | undefined;
  readonly fault: Error | undefined;
  /** Resolves when all is durable and all files are closed. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** A log that takes more than this on disk loses the oldest segment that is not part of its head. */
  maxBytes: number;
  /** Bytes of the disk that no log may take; 0 is none. */
  reserveBytes: number;
  /** Called whenever more lines became visible. */
  onWritten: () => void;
  /** Called with what the log takes more, or less, on the disk. */
  onSize: (bytes: number) => void;
  /** Called once, when the log cannot be written. */
  onFault: (fault: Error) => void;
}

const congestedBytes = 4 * 1024 * 1024;

export function newWriteQueue(state: LogState, options: QueueOptions): WriteQueue {
  const { maxBytes, onWritten, onSize, onFault } = options;
  const disk = newSegmentWriter(state.folder);
  const reserve = newReserve(state.folder, options.reserveBytes);
  let waiting: (Batch | RemovedPart)[] = [];
  let waitingBytes = 0;
  let draining: Promise<void> | undefined;
  let congestion: PromiseWithResolvers<void> | undefined;
  let fault: Error | undefined;

  function push(batch: Batch): void {
    if (fault) return;
    waiting.push(batch);
    waitingBytes += batch.piece.text.length;
    if (waitingBytes > congestedBytes) congestion ??= Promise.withResolvers();
    draining ??= drain();
  }

  function skip(part: RemovedPart): void {
    if (fault) return;
    waiting.push(part);
    draining ??= drain();
  }

  async function drain(): Promise<void> {
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      await ('piece' in item ? write(item) : writeCount(state.folder, item)).catch(fail);
      if ('piece' in item) waitingBytes -= item.piece.text.length;
      if (fault || waitingBytes < congestedBytes / 2) relieve();
      onWritten();
    }
    draining = undefined;
  }

  async function write({ segment: first, piece }: Batch): Promise<void> {
    const bytes = piece.text.length + (piece.last - piece.first + 1) * bytesPerLine;
    await reserve(bytes);
    const newest = state.segments.at(-1);
    const segment = newest?.first === first ? newest : { first, lines: 0, textBytes: 0 };
    await disk.append(segment, piece);
    publish(state, segment, piece);
    onSize(bytes);
    await shorten();
  }

  /** The list changes before the files go, so that a reader who misses a file looks again and finds the gap. */
  async function shorten(): Promise<void> {
    for (let old = victim(state.segments, maxBytes); old; old = victim(state.segments, maxBytes)) {
      const removed = old;
      state.segments = state.segments.filter((segment) => segment !== removed);
      await disk.remove(removed);
      onSize(-sizeOf(removed));
    }
  }

  function fail(error: unknown): void {
    if (fault) return;
    fault = error instanceof Error ? error : new Error(String(error));
    waiting = [];
    onFault(fault);
  }

  function relieve(): void {
    congestion?.resolve();
    congestion = undefined;
  }

  return {
    push,
    skip,
    settled: async () => draining,
    close: () => disk.close().catch(fail),
    get congested() {
      return congestion?.promise;
    },
    get fault() {
      return fault;
    },
  };
}
