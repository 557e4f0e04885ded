import type { LogSink, LogStream } from '../../../builder/model/log.ts';
import { newCollector } from './collector.ts';
import type { RemovedPart } from './counts.ts';
import type { LogState } from './state.ts';
import { newWriteQueue, type QueueOptions } from './writeQueue.ts';

/** Writes the log of one run. Nothing of it throws: a fault of the disk is told once, and later lines are dropped. */
export interface LogWriter extends LogSink {
  /** `at` is when the lines came, in milliseconds since 1970: now, where nothing is said. */
  append(stream: LogStream, block: string, at?: number): void;
  /** The next lines of the log are not there, as if they had been removed because it was too long. */
  skip(part: RemovedPart): void;
  /** Number of the newest line that was appended (after a fault: that was written); 0 where there is none. */
  readonly lastLine: number;
  /** Why the log could not be written, e.g. an error with code ENOSPC. */
  readonly fault: Error | undefined;
  /** Resolves when all lines so far are written and visible to readers. */
  flush(): Promise<void>;
  /** Resolves when all is durable and all files are closed; may be called again. A fault is then in `fault`. */
  end(): Promise<void>;
}

export interface WriterOptions extends QueueOptions {
  segmentBytes: number;
  /** Longest time in milliseconds that a line waits for others to be written with. */
  delayMs: number;
  /** Called once, when all files are closed. */
  onEnd: () => void;
}

const largestBatch = 256 * 1024;

export function newWriter(state: LogState, options: WriterOptions): LogWriter {
  const queue = newWriteQueue(state, options);
  const fullBatch = Math.min(largestBatch, options.segmentBytes / 4);
  const collector = newCollector(state.last + 1, options.segmentBytes);
  let timer: NodeJS.Timeout | undefined;
  let ended: Promise<void> | undefined;
  /** When the newest line came. A clock that is set back does not turn the order of the lines around. */
  let newest = 0;

  function append(stream: LogStream, block: string, at = Date.now()): void {
    if (queue.fault || ended || block === '') return;
    newest = Math.max(newest, at);
    collector.add(stream, block, newest);
    if (collector.bytes >= fullBatch) pass();
    else timer ??= setTimeout(pass, options.delayMs);
  }

  function pass(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = collector.take();
    if (batch) queue.push(batch);
  }

  function skip(part: RemovedPart): void {
    if (queue.fault || ended) return;
    pass();
    queue.skip(part);
    collector.skipTo(part.last + 1);
  }

  async function flush(): Promise<void> {
    pass();
    await queue.settled();
  }

  async function finish(): Promise<void> {
    await flush();
    await queue.close();
    options.onEnd();
  }

  return {
    append,
    skip,
    flush,
    end: () => (ended ??= finish()),
    get congested() {
      return queue.congested;
    },
    get lastLine() {
      return queue.fault ? state.last : collector.lastLine;
    },
    get fault() {
      return queue.fault;
    },
  };
}
