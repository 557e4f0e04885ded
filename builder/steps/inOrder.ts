/** Something that can be done when others are done. */
export interface Dependent {
  plan: { name: string; depends: readonly string[] };
}

/** Gives back a place that was taken; undefined where none is free. */
export type TakePlace = () => (() => void) | undefined;

/**
 * Does the work of each item when those that it depends on are done; side by side as far as there are places, of which
 * one is the caller's own. Gives the results in the order of the items. The first failure stops what is under way, is
 * waited for, and is what this rejects with.
 */
export async function inOrder<T extends Dependent, R>(
  items: readonly T[],
  takePlace: TakePlace,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal,
): Promise<R[]> {
  const results = new Map<string, R>();
  const running = new Map<string, Promise<void>>();
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  let failure: { error: unknown } | undefined;

  const begin = (item: T, leave: () => void): void => {
    const { name } = item.plan;
    const done = work(item, either)
      .then((result) => void results.set(name, result))
      .catch((error: unknown) => {
        failure ??= { error };
        failing.abort(error);
      })
      .finally(() => {
        running.delete(name);
        leave();
      });
    running.set(name, done);
  };

  const isReady = ({ plan: { name, depends } }: T): boolean =>
    !results.has(name) && !running.has(name) && depends.every((other) => results.has(other));

  for (;;) {
    for (const item of failure ? [] : items.filter(isReady)) {
      const leave = running.size === 0 ? () => {} : takePlace();
      if (leave) begin(item, leave);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failure) throw failure.error;
  return items.map(({ plan: { name } }) => {
    const result = results.get(name);
    if (result === undefined) throw new Error(`${name} waits for itself`);
    return result;
  });
}
