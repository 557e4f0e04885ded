import type { LogStream } from '../../../../builder/model/log.ts';
import { newCollector } from '../collector.ts';
import type { RemovedPart } from '../counts.ts';
import type { LogPiece } from '../piece.ts';
import type { LogWriter } from '../writer.ts';
import type { Budget } from './budget.ts';
import type { CommitListener, Committer } from './committer.ts';
import { newConditions } from './conditions.ts';
import { type LogQueueOptions, newLogQueue } from './queue.ts';
import type { SharedLog } from './sharedLog.ts';
import type { Ticker } from './ticker.ts';

/** What all writers of a process have in common. */
export interface WriterTools {
  committer: Committer;
  budget: Budget;
  ticker: Ticker;
}

export interface SharedWriterOptions extends LogQueueOptions, WriterTools {
  /** More lines are stored. */
  onStored: () => void;
  /** Called once, where the log can be written no more. */
  onFault: (fault: Error) => void;
  /** Called once, when nothing more is stored. */
  onEnd: () => void;
}

export interface SharedWriter {
  writer: LogWriter;
  /** What is not stored yet is lost. */
  giveUp(why: Error): void;
}

/** The places of collected lines count from the start of one of these, so that none needs more than 32 bits. */
const countedBytes = 1024 ** 3;

/** Writes a log whose head this process has. Nothing of it throws. */
export function newSharedWriter(log: SharedLog, options: SharedWriterOptions): SharedWriter {
  const { committer, budget, ticker, chunkBytes, onFault, onEnd } = options;
  const queue = newLogQueue(options);
  const collector = newCollector(options.last + 1, countedBytes);
  const { until, look } = newConditions();
  const listener: CommitListener = {
    stored({ commit: { last }, pieces, bytes }) {
      queue.stored(bytes);
      log.last = last;
      for (const piece of pieces) log.keep(piece);
      budget.freed();
      look();
      options.onStored();
    },
    failed: fail,
  };
  let fault: Error | undefined;
  let ended: Promise<void> | undefined;
  /** A clock that is set back does not turn the order of the lines around. */
  let newest = 0;

  function fail(error: Error): void {
    if (fault) return;
    fault = error;
    committer.leave(queue);
    queue.clear();
    ticker.leave(pass);
    budget.leave(queue);
    look();
    onFault(error);
  }

  function append(stream: LogStream, block: string, at = Date.now()): void {
    if (fault || ended || block === '') return;
    collector.add(stream, block, (newest = Math.max(newest, at)));
    if (collector.bytes >= chunkBytes) pass();
    else ticker.soon(pass);
  }

  function pass(): void {
    const batch = collector.take();
    if (batch) push(batch.piece);
  }

  function push(item: LogPiece | RemovedPart): void {
    queue.push(item);
    budget.spent(queue);
    committer.wake(queue, listener);
  }

  function skip(part: RemovedPart): void {
    if (fault || ended) return;
    pass();
    push(part);
    collector.skipTo(part.last + 1);
  }

  function flush(): Promise<void> {
    pass();
    const line = collector.lastLine;
    return until(() => fault !== undefined || log.last >= line);
  }

  async function finish(): Promise<void> {
    queue.finish();
    pass();
    if (!fault) committer.wake(queue, listener);
    await until(() => fault !== undefined || queue.isStored);
    budget.leave(queue);
    onEnd();
  }

  const writer: LogWriter = {
    append,
    skip,
    flush,
    end: () => (ended ??= finish()),
    get congested() {
      return budget.congested(queue);
    },
    get lastLine() {
      return fault ? log.last : collector.lastLine;
    },
    get fault() {
      return fault;
    },
  };
  return { writer, giveUp: fail };
}
