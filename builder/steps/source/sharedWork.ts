type Job = (signal: AbortSignal) => Promise<void>;

interface Work {
  key: string;
  done: Promise<void>;
  members: number;
  /** On the clock of `performance.now()`; absent while it waits. */
  startedAt?: number;
  stop: AbortController;
}

/** Jobs on one thing, one at a time. */
export interface SharedWork {
  /**
   * Waits for a job of this key that began at `asked` (a time of `performance.now()`) or later; all who wait for the
   * same share it. Who aborts leaves alone; the job is aborted when the last has left, who waits until it has ended.
   */
  share(key: string, asked: number, signal: AbortSignal, job: Job): Promise<void>;
}

export function createSharedWork(): SharedWork {
  const waiting = new Map<string, Work>();
  let running: Work | undefined;
  let last: Promise<void> = Promise.resolve();

  async function perform(work: Work, job: Job): Promise<void> {
    forget(work);
    work.stop.signal.throwIfAborted();
    work.startedAt = performance.now();
    running = work;
    try {
      await job(work.stop.signal);
    } finally {
      running = undefined;
    }
  }

  function queue(key: string, job: Job): Work {
    const work: Work = { key, done: last, members: 0, stop: new AbortController() };
    work.done = last.then(() => perform(work, job));
    last = work.done.catch(() => {});
    waiting.set(key, work);
    return work;
  }

  function joinable(key: string, asked: number): Work | undefined {
    const isRecent = running?.key === key && (running.startedAt ?? 0) >= asked;
    return isRecent && running?.stop.signal.aborted === false ? running : waiting.get(key);
  }

  function forget(work: Work): void {
    if (waiting.get(work.key) === work) waiting.delete(work.key);
  }

  async function leave(work: Work, reason: unknown): Promise<void> {
    work.members -= 1;
    if (work.members > 0) return;
    forget(work);
    work.stop.abort(reason);
    if (work.startedAt !== undefined) await work.done.catch(() => {});
  }

  async function share(key: string, asked: number, signal: AbortSignal, job: Job): Promise<void> {
    signal.throwIfAborted();
    const work = joinable(key, asked) ?? queue(key, job);
    work.members += 1;
    const outcome = await firstOf(work.done, signal);
    if (outcome === 'done') return;
    await leave(work, signal.reason);
    signal.throwIfAborted();
  }

  return { share };
}

async function firstOf(done: Promise<void>, signal: AbortSignal): Promise<'done' | 'aborted'> {
  const { promise: aborted, resolve } = Promise.withResolvers<'aborted'>();
  const abort = (): void => resolve('aborted');
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([done.then(() => 'done' as const), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
