import { StoreUnavailable } from '../words/storeUnavailable.ts';

/** How much patience those have who wait for a database that is slow, or away. */
export interface Patience {
  /** So many wait at most: whoever comes then is refused at once. */
  most: number;
  /** Who has waited so many milliseconds is refused. */
  ms: number;
}

/** They wait for ever, and are never too many. */
export const patient: Patience = { most: Infinity, ms: Infinity };

/** Those who wait for their turn, in the order in which they came. */
export interface WaitingList<T> {
  readonly length: number;
  /** Lets one more wait, who may be rejected there and then, or later. */
  add(one: T): void;
  /** The first, who waits no more. */
  next(): T | undefined;
  /** The first `most`. */
  take(most: number): T[];
}

/** `what` says in a sentence what they wait to do: `be written`. */
export function createWaitingList<T extends { reject(error: unknown): void }>(
  { most, ms }: Patience,
  what: string,
): WaitingList<T> {
  const waiting: { one: T; since: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function refuseLate(): void {
    timer = undefined;
    const limit = performance.now() - ms;
    const isLate = waiting.findIndex(({ since }) => since > limit);
    const late = waiting.splice(0, isLate < 0 ? waiting.length : isLate);
    const why = new StoreUnavailable(`PostgreSQL is too slow: it took longer than ${ms} ms to ${what}`);
    for (const { one } of late) one.reject(why);
    lookLater();
  }

  function lookLater(): void {
    const [first] = waiting;
    if (!first || timer || ms === Infinity) return;
    // A timer may be a little early.
    timer = setTimeout(refuseLate, Math.max(1, first.since + ms - performance.now() + 1)).unref();
  }

  return {
    get length() {
      return waiting.length;
    },
    add(one) {
      if (waiting.length >= most)
        return one.reject(new StoreUnavailable(`PostgreSQL is too slow: ${most} wait to ${what} already`));
      waiting.push({ one, since: performance.now() });
      lookLater();
    },
    next: () => waiting.shift()?.one,
    take: (count) => waiting.splice(0, count).map(({ one }) => one),
  };
}
