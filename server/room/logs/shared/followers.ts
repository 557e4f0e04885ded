import type { Bus } from '../../../store/contract/bus.ts';
import type { LogChunks, LogHead } from '../../../store/contract/logChunks.ts';
import type { Follower } from '../followers.ts';
import { isLogId } from '../logId.ts';
import { type LogItem, newLooks } from './looks.ts';
import type { SharedLogs } from './sharedLog.ts';

/** Those in this process who wait for more lines of logs that any process may write. */
export interface SharedFollowers {
  follow(runId: string, from: number, onMore: () => void): Follower;
  /** There are lines up to this one. */
  tell(runId: string, last: number): void;
  isFollowed(runId: string): boolean;
  close(): void;
}

export interface SharedFollowersOptions {
  logs(): SharedLogs;
  chunks: Pick<LogChunks, 'read' | 'heads'>;
  bus: Bus;
  /** Between two looks at what others may have written without a word, in milliseconds. */
  pollMs: number;
}

export function newSharedFollowers(options: SharedFollowersOptions): SharedFollowers {
  const { logs, chunks, bus } = options;
  const waiting = new Map<string, Set<() => void>>();
  const lookAt = newLooks(chunks);

  function follow(runId: string, from: number, onMore: () => void): Follower {
    // Each follower needs its own entry, also where two of them pass the same function.
    const listener = (): void => onMore();
    let next = Math.max(1, from);
    let [isChecked, isClosed] = [false, false];
    waiting.set(runId, (waiting.get(runId) ?? new Set()).add(listener));

    async function take(): Promise<LogItem> {
      if (!isLogId(runId)) return undefined;
      if (!isChecked) await check(runId);
      isChecked = true;
      const item = await lookAt(logs().use(runId), next);
      if (item) next = item.last + 1;
      if (isClosed) logs().letGo(runId);
      return item;
    }

    function close(): void {
      isClosed = true;
      const listeners = waiting.get(runId);
      listeners?.delete(listener);
      if (listeners?.size === 0) waiting.delete(runId);
      logs().letGo(runId);
    }

    return {
      take,
      close,
      get next() {
        return next;
      },
    };
  }

  /** What is here of a log that nobody followed may be of one that was removed. */
  async function check(runId: string): Promise<void> {
    const log = logs().get(runId);
    if (log && !log.isWritten) logs().see(runId, (await chunks.heads([runId])).get(runId));
  }

  function tell(runId: string, last: number): void {
    const listeners = waiting.get(runId);
    if (!listeners) return;
    const log = logs().use(runId);
    if (!log.isWritten) log.last = Math.max(log.last, last);
    for (const listener of listeners) listener();
  }

  /** Who could not read what it knew of while the database was away comes again. */
  function see(runId: string, head: LogHead | undefined, isBack: boolean): void {
    logs().see(runId, head);
    if (head && (isBack || head.last > (logs().get(runId)?.last ?? 0))) tell(runId, head.last);
  }

  const toAsk = () => [...waiting.keys()].filter((runId) => isLogId(runId) && !logs().get(runId)?.isWritten);
  const { poll, close } = newPolling({ chunks, pollMs: options.pollMs, toAsk, see });
  const stops = [
    bus.listen((message) => {
      if (message.kind === 'log') tell(message.run, message.last);
    }),
    bus.onGap(() => void poll()),
    close,
  ];

  return {
    follow,
    tell,
    isFollowed: (runId) => waiting.has(runId),
    close: () => stops.forEach((stop) => stop()),
  };
}

interface Polling extends Pick<SharedFollowersOptions, 'pollMs'> {
  chunks: Pick<LogChunks, 'heads'>;
  toAsk(): readonly string[];
  see(runId: string, head: LogHead | undefined, isBack: boolean): void;
}

/** Asks again and again, one question for all logs. */
function newPolling({ chunks, pollMs, toAsk, see }: Polling): { poll(): Promise<void>; close(): void } {
  let [isPolling, wasAway] = [false, false];

  async function poll(): Promise<void> {
    const asked = toAsk();
    if (isPolling || asked.length === 0) return;
    isPolling = true;
    try {
      const heads = await chunks.heads(asked);
      for (const runId of asked) see(runId, heads.get(runId), wasAway);
      wasAway = false;
    } catch {
      wasAway = true;
    }
    isPolling = false;
  }

  const timer = setInterval(() => void poll(), pollMs).unref();
  return { poll, close: () => clearInterval(timer) };
}
