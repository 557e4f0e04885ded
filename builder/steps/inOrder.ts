/** Something that can be done when others are done. */
export interface Dependent {
  plan: { name: string; depends: readonly string[] };
}

/** Gives back a place that was taken. */
export type Leave = () => void;

/** The places to work in that a caller has: one of his own, and those that are free. */
export interface Places {
  /** Takes one more; undefined where none is free. */
  take(): Leave | undefined;
  /** The same, but waits for it. Rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<Leave>;
  /** Gives back the caller's own. */
  leave(): void;
}

/** For a caller that has his own place only. */
export const onePlace: Places = { take: () => undefined, wait: async () => () => {}, leave: () => {} };

/** `rest` is for work that only waits from then on: it gives its place back at once. */
type Work<T, R> = (item: T, signal: AbortSignal, rest: () => void) => Promise<R>;

/**
 * Does the work of each item when those that it depends on are done; side by side as far as there are places. Gives the
 * results in the order of the items. The first failure stops what is under way, is waited for, and is what this rejects
 * with. The caller's own place is given back where work rests and no other needs it.
 */
export async function inOrder<T extends Dependent, R>(
  items: readonly T[],
  places: Places,
  work: Work<T, R>,
  signal: AbortSignal,
): Promise<R[]> {
  const results = new Map<string, R>();
  const running = new Map<string, Promise<void>>();
  const resting = new Set<string>();
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const enter = entrance(places);
  let rested = Promise.withResolvers<void>();

  const begin = (item: T, leave: Leave): void => {
    const { name } = item.plan;
    const rest = (): void => {
      if (resting.has(name)) return;
      resting.add(name);
      leave();
      rested.resolve();
    };
    const done = work(item, either, rest)
      .then((result) => void results.set(name, result))
      .catch((error: unknown) => failing.abort(error))
      .finally(() => {
        running.delete(name);
        if (!resting.delete(name)) leave();
      });
    running.set(name, done);
  };

  const isReady = ({ plan: { name, depends } }: T): boolean =>
    !results.has(name) && !running.has(name) && depends.every((other) => results.has(other));

  for (;;) {
    const ready = failing.signal.aborted ? [] : items.filter(isReady);
    let first: T | undefined;
    for (const item of ready) {
      const leave = enter.now();
      if (leave) begin(item, leave);
      else first ??= item;
    }
    if (resting.size > 0) enter.leaveOwn();
    if (running.size > 0) await Promise.race([...running.values(), rested.promise]);
    else if (first) begin(first, await places.wait(either));
    else break;
    rested = Promise.withResolvers();
  }
  failing.signal.throwIfAborted();
  return items.map(({ plan: { name } }) => {
    const result = results.get(name);
    if (result === undefined) throw new Error(`${name} waits for itself`);
    return result;
  });
}

/** The caller's own place goes first. */
function entrance(places: Places): { now(): Leave | undefined; leaveOwn(): void } {
  let own: 'idle' | 'busy' | 'left' = 'idle';
  return {
    now() {
      if (own !== 'idle') return places.take();
      own = 'busy';
      return () => void (own = 'idle');
    },
    leaveOwn() {
      if (own !== 'idle') return;
      own = 'left';
      places.leave();
    },
  };
}
