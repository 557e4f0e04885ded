import { setImmediate as turn } from 'node:timers/promises';
import { readEnvironment } from '../../server/config/environment.ts';
import { mostAtOnce } from '../../server/room/httpTurn.ts';
import type { Store, Tx } from '../../server/store/store.ts';
import type { Job } from '../../server/words/job.ts';
import type { Attempt } from '../../server/words/run.ts';
import { started, succeeded } from '../../server/words/transitions/running.ts';
import { uuid7 } from '../../server/words/uuid7.ts';
import { versionId } from '../../server/words/versionId.ts';

/** How many HTTP attempts a server has under way at once, where nobody says otherwise. */
export const places = readEnvironment({}).httpSlots;
const inOneWork = 500;

/** A job that calls an endpoint, with what else its definition says. */
export function insertHttpJob(store: Store, slug: string, wishes: Job['definition'] = {}): Promise<Job> {
  const definition = { http: { url: 'http://127.0.0.1:1/' }, ...wishes };
  const names = { project: 'bench', slug, kind: 'http' as const, enabled: true, createdBy: null };
  const ids = { id: uuid7(), versionId: versionId(), versionRowId: uuid7() };
  return store.write((tx) => tx.ensureJob({ ...ids, ...names, definition, now: Date.now() }));
}

/** Queues runs of a job, many in a transaction; `createdAt` says when each was made. */
export async function queueRuns(
  store: Store,
  job: Job,
  count: number,
  createdAt: (n: number) => number = () => Date.now(),
): Promise<void> {
  for (let from = 0; from < count; from += inOneWork) {
    const to = Math.min(count, from + inOneWork);
    await store.write(async (tx) => {
      for (let n = from; n < to; n++)
        await tx.insertRun({
          id: uuid7(),
          job,
          state: 'queued',
          queue: 'default',
          priority: 0,
          trigger: 'api',
          ref: '',
          request: {},
          maxAttempts: 3,
          timeoutMs: 1000,
          createdAt: createdAt(n),
          attemptId: uuid7(),
        });
    });
    await turn();
  }
}

/** Claims and finishes runs until the time is over; gives how many a second. */
export async function cyclesPerSecond(store: Store, milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  await cycle(
    store,
    () => performance.now() >= startedAt + milliseconds,
    () => done++,
  );
  return (done * 1000) / (performance.now() - startedAt);
}

/**
 * Claims and finishes runs as a server does for its HTTP jobs, until told to stop: what is free is claimed, so many in a
 * transaction as it takes at once, when the claim before is durable; each end is a work of its own, and told when it is durable.
 */
export async function cycle(store: Store, isOver: () => boolean, onDone: () => void): Promise<void> {
  const working = new Set<Promise<void>>();
  while (!isOver()) {
    const taken = await claimSome(store, Math.min(mostAtOnce, places - working.size));
    if (taken.length === 0) throw new Error('the queue ran empty');
    for (const attempt of taken) {
      const work = end(store, attempt).then(() => {
        working.delete(work);
        onDone();
      });
      working.add(work);
    }
    if (working.size === places) await Promise.race(working);
  }
  await Promise.all(working);
}

/** One claim and one finish, each durable by itself; false where nothing is queued. */
export async function oneCycle(store: Store, durationMs = 1): Promise<boolean> {
  const [attempt] = await claimSome(store, 1);
  if (!attempt) return false;
  await end(store, attempt, durationMs);
  return true;
}

/** Takes up to `most`, last of all that is written with it, as a worker does. */
export function claimSome(store: Store, most: number): Promise<Attempt[]> {
  const now = Date.now();
  const wish = { place: 'http', engine: null, leaseId: uuid7(), leaseExpiresAt: now + 60_000 } as const;
  const work = async (tx: Tx) => {
    const taken = await tx.claimAttempts(wish, most, now);
    for (const held of taken) await tx.applyHeld(held, started(held.run, now), '');
    return taken.map(({ attempt }) => attempt);
  };
  return store.write(work, { goesLast: true });
}

/** Ends an attempt that was taken so. */
export function end(store: Store, attempt: Attempt, durationMs = 1): Promise<void> {
  const work = async (tx: Tx) => {
    const held = await tx.heldAttempt(attempt);
    if (!held) throw new Error('the end did not hold');
    const record = { phases: [], steps: [], lastLine: null };
    const at = (attempt.startedAt ?? 0) + durationMs;
    await tx.applyHeld(held, succeeded(held.run, attempt, null, record, at), '');
  };
  return store.write(work, { holds: attempt });
}
