/** What became of a wish for a share of a budget. */
export interface Taken {
  granted: boolean;
  /** Whole shares that are left. */
  remaining: number;
  /** Seconds until there is one again; 0 while there is. */
  retryAfterSecs: number;
}

/** Budgets by name, each filled up evenly over a minute. */
export interface Buckets {
  /**
   * Takes `cost` where one share at least is left: the rest becomes a debt, so that a large request passes and the
   * average holds. A cost of 0 only asks.
   */
  take(name: string, perMinute: number, cost: number): Taken;
  /** Takes `cost` whatever is left: of a request that has begun, so that no rest of it is for nothing. */
  owe(name: string, perMinute: number, cost: number): Taken;
  /** Corrects what is left of a budget that was asked for. */
  set(name: string, level: number): void;
}

interface Bucket {
  level: number;
  filledAt: number;
}

/** A bucket that nobody asked for the longest is forgotten first: by then it is full, as a new one is. */
const mostBuckets = 10_000;

/** `clock` gives milliseconds that never go back. */
export function createBuckets(clock: () => number = () => performance.now()): Buckets {
  const buckets = new Map<string, Bucket>();

  function fill(name: string, perMinute: number): Bucket {
    const now = clock();
    const { level, filledAt } = buckets.get(name) ?? { level: perMinute, filledAt: now };
    buckets.delete(name);
    const oldest = buckets.keys().next();
    if (buckets.size >= mostBuckets && !oldest.done) buckets.delete(oldest.value);
    const filled = {
      level: Math.min(perMinute, level + ((now - filledAt) * perMinute) / 60_000),
      filledAt: now,
    };
    buckets.set(name, filled);
    return filled;
  }

  return {
    take(name, perMinute, cost) {
      const bucket = fill(name, perMinute);
      const granted = bucket.level >= 1;
      if (granted) bucket.level -= cost;
      return takenOf(bucket.level, perMinute, granted);
    },
    owe(name, perMinute, cost) {
      const bucket = fill(name, perMinute);
      bucket.level -= cost;
      return takenOf(bucket.level, perMinute, true);
    },
    set(name, level) {
      if (buckets.has(name)) buckets.set(name, { level, filledAt: clock() });
    },
  };
}

/** What became of a wish where `level` shares are left. */
export function takenOf(level: number, perMinute: number, granted: boolean): Taken {
  return {
    granted,
    remaining: Math.max(0, Math.floor(level)),
    retryAfterSecs: level >= 1 ? 0 : Math.ceil(((1 - level) * 60) / perMinute),
  };
}
