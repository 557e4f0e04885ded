import type { Shared } from '../../../store/contract/shared.ts';
import { linesFrom } from '../followers.ts';
import { isLogId } from '../logId.ts';
import { beingWritten, type Logs } from '../logs.ts';
import type { RingLimits } from '../ring.ts';
import { newBudget } from './budget.ts';
import { createCommitter } from './committer.ts';
import { newSharedFollowers } from './followers.ts';
import { countFrom } from './read.ts';
import { newSharedLogs } from './sharedLog.ts';
import { newLogTexts } from './texts.ts';
import { newTicker } from './ticker.ts';
import { tidyDays } from './tidy.ts';
import type { WriterTools } from './writer.ts';
import { newSharedWriters } from './writers.ts';

export interface SharedLogsOptions {
  shared: Pick<Shared, 'bus' | 'chunks' | 'now'>;
  /** What one log may have, text and index; above it the middle is removed, head and tail stay. Asked at each `write`; 256 MiB. */
  maxBytes?: () => number;
  /** Bytes of lines that are stored together, where there are as many: 64 KiB. */
  chunkBytes?: number;
  /** Bytes of all logs that may wait in memory for a database that is away, before builds have to wait: 32 MiB. */
  mostWaitingBytes?: number;
  /** What is kept in memory of each log that is written: 20000 lines, 2 MiB. */
  ring?: RingLimits;
  /** Longest time in milliseconds that a line waits for others to be stored with: 50. */
  delayMs?: number;
  /** How long in milliseconds the newest lines of an ended log stay in memory: 30000. */
  lingerMs?: number;
  /** Between two looks at what other processes wrote, where nobody tells of it, in milliseconds: 400. */
  pollMs?: number;
  /** How long in milliseconds `close` waits for a database that is away: 5000. */
  closeMs?: number;
}

const mebi = 1024 * 1024;

/** The logs of all runs, in a database that several processes share: whoever writes one, all others can read and follow it. */
export function openSharedLogs(options: SharedLogsOptions): Logs {
  const { bus, chunks, now } = options.shared;
  const ring = options.ring ?? { lines: 20_000, bytes: 2 * mebi };
  const logs = newSharedLogs(ring, (runId) => followers.isFollowed(runId));
  const followers = newSharedFollowers({ logs: () => logs, chunks, bus, pollMs: options.pollMs ?? 400 });
  const writers = newSharedWriters(logs, chunks, {
    ...toolsOf(options),
    maxBytes: options.maxBytes ?? (() => 256 * mebi),
    chunkBytes: options.chunkBytes ?? 64 * 1024,
    lingerMs: options.lingerMs ?? 30_000,
    closeMs: options.closeMs ?? 5000,
    onStored({ runId, last }) {
      bus.tell({ kind: 'log', run: runId, last });
      followers.tell(runId, last);
    },
  });
  const { lineCount, ...texts } = newLogTexts(logs, chunks);

  async function removeAll(runIds: readonly string[]): Promise<Map<string, Error>> {
    const written = runIds.filter((runId) => writers.has(runId));
    const others = runIds.filter((runId) => isLogId(runId) && !written.includes(runId));
    if (others.length > 0) await chunks.remove(others);
    for (const runId of others) logs.forget(runId);
    return new Map(written.map((runId) => [runId, beingWritten(runId)]));
  }

  async function sizes(runIds: readonly string[]): Promise<number[]> {
    const known = await chunks.sizes(runIds.filter(isLogId));
    return runIds.map((runId) => known.get(runId) ?? 0);
  }

  return {
    write: (runId, onFault = () => {}, hold) => writers.open(runId, onFault, hold),
    lineCount,
    ...texts,
    count: async (runId, from) =>
      (await lineCount(runId)) === undefined ? undefined : countFrom(chunks, runId, from),
    lines: (runId, from, to) => linesFrom(followers.follow(runId, from, nobody), to),
    follow: followers.follow,
    removedParts: async (runId) => (isLogId(runId) ? chunks.removedParts(runId) : []),
    size: async (runId) => (await sizes([runId]))[0] ?? 0,
    sizes,
    totalSize: chunks.totalSize,
    async remove(runId) {
      const fault = (await removeAll([runId])).get(runId);
      if (fault) throw fault;
    },
    removeAll,
    tidy: (isAsked) => tidyDays(chunks, now(), isAsked),
    async close() {
      await writers.close();
      followers.close();
    },
  };
}

const nobody = (): void => {};

function toolsOf({ shared, mostWaitingBytes = 32 * mebi, delayMs = 50 }: SharedLogsOptions): WriterTools {
  const committer = createCommitter(shared.chunks);
  const budget = newBudget(mostWaitingBytes, () => committer.isAway);
  return { committer, budget, ticker: newTicker(delayMs) };
}
