import { addAbortListener } from 'node:events';

const last = new Map<string, Promise<void>>();

/**
 * Does work on one thing after all such work that was asked for before. Who is stopped while he waits leaves with the
 * signal's reason.
 */
export async function inTurn<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const before = last.get(key);
  const { promise: done, resolve: leave } = Promise.withResolvers<void>();
  const mine = Promise.all([before, done]).then(() => {
    if (last.get(key) === mine) last.delete(key);
  });
  last.set(key, mine);
  try {
    await Promise.race([before, aborted(signal, done)]);
    signal.throwIfAborted();
    return await work();
  } finally {
    leave();
  }
}

async function aborted(signal: AbortSignal, done: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _listener = addAbortListener(signal, () => resolve());
  await Promise.race([promise, done]);
}
