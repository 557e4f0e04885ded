import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '../../server/store/store.ts';
import type { Job } from '../../server/words/job.ts';
import { started, succeeded } from '../../server/words/transitions/running.ts';
import { uuid7 } from '../../server/words/uuid7.ts';
import { versionId } from '../../server/words/versionId.ts';

const claimers = 32;
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

/** Claims and finishes runs with many claimers at once until the time is over; gives how many a second. */
export async function cyclesPerSecond(store: Store, milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + milliseconds;
  const claim = async (): Promise<number> => {
    let done = 0;
    while (performance.now() < until) {
      if (!(await oneCycle(store))) throw new Error('the queue ran empty');
      done++;
    }
    return done;
  };
  const counts = await Promise.all(Array.from({ length: claimers }, claim));
  const cycles = counts.reduce((sum, count) => sum + count, 0);
  return (cycles * 1000) / (performance.now() - startedAt);
}

/** One claim and one finish, each durable by itself; false where nothing is queued. */
export async function oneCycle(store: Store, durationMs = 1): Promise<boolean> {
  const now = Date.now();
  const lease = { leaseId: uuid7(), leaseExpiresAt: now + 60_000 };
  const attempt = await store.write(async (tx) => {
    const claimed = await tx.claimAttempt({ place: 'http', engine: null, ...lease }, now);
    if (!claimed) return undefined;
    await tx.applyHeld(claimed, started(claimed.run, now), '');
    return claimed.attempt;
  });
  if (!attempt) return false;
  await store.write(async (tx) => {
    const held = await tx.heldAttempt(attempt);
    if (!held) throw new Error('the end did not hold');
    const record = { phases: [], steps: [], lastLine: null };
    await tx.applyHeld(held, succeeded(held.run, attempt, null, record, now + durationMs), '');
  });
  return true;
}
