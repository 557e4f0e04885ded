import type { LogGap, LogLine } from '../../words/logs.ts';
import { cut, linesOf, type LogPiece } from './piece.ts';
import { pieceFrom } from './read.ts';
import type { LogState } from './state.ts';

/**
 * Reads a log from one line on, as fast as its owner asks: what was written before and what is written now come as
 * one sequence without a gap or a duplicate, because the only thing a follower remembers is its next line.
 */
export interface Follower {
  /** Number of the line that comes next. */
  readonly next: number;
  /**
   * Takes the next lines, or the gap that stands in their place; undefined where nothing more is written yet. Those
   * who are up to date get the same object, so that its encoding can be shared. One call at a time.
   */
  take(): Promise<LogPiece | LogGap | undefined>;
  close(): void;
}

/** Lines up to `to`, one by one, in bounded groups; removed ones are left out. Closes the follower. */
export async function* linesFrom(follower: Follower, to: number): AsyncGenerator<LogLine[]> {
  try {
    while (follower.next <= to) {
      const item = await follower.take();
      if (!item) return;
      if (item.kind === 'lines') yield linesOf(cut(item, item.first, Math.min(to, item.last)));
    }
  } finally {
    follower.close();
  }
}

/** Those who wait for more lines, by run. */
export interface Followers {
  /** `onMore` is called whenever there may be more to take. It must not throw. */
  follow(runId: string, from: number, onMore: () => void): Follower;
  tell(runId: string): void;
}

export function newFollowers(find: (runId: string) => Promise<LogState | undefined>): Followers {
  const waiting = new Map<string, Set<() => void>>();

  function follow(runId: string, from: number, onMore: () => void): Follower {
    // Each follower needs its own entry, also where two of them pass the same function.
    const listener = (): void => onMore();
    let next = Math.max(1, from);
    const listeners = waiting.get(runId) ?? new Set();
    waiting.set(runId, listeners.add(listener));

    async function take(): Promise<LogPiece | LogGap | undefined> {
      const state = await find(runId);
      if (!state || next > state.last) return undefined;
      const item = await pieceFrom(state, next);
      if (item) next = item.last + 1;
      return item;
    }

    function close(): void {
      listeners.delete(listener);
      if (listeners.size === 0 && waiting.get(runId) === listeners) waiting.delete(runId);
    }

    return {
      take,
      close,
      get next() {
        return next;
      },
    };
  }

  function tell(runId: string): void {
    for (const listener of waiting.get(runId) ?? []) listener();
  }

  return { follow, tell };
}
