import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../server/store/open.ts';
import type { NewRun, Store, Tx } from '../../../server/store/store.ts';
import type { Attempt, Run } from '../../../server/words/run.ts';
import { type AttemptRecord, started } from '../../../server/words/transitions.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';

export interface TemporaryStore extends Store {
  readonly folder: string;
  /** Closes the store and removes its folder. */
  remove(): Promise<void>;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dbs-'));
}

export async function temporaryStore(): Promise<TemporaryStore> {
  const folder = temporaryFolder();
  const store = await openSqliteStore(folder);
  const remove = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...store, folder, remove };
}

export type RunWish = Partial<NewRun> & { project?: string; slug?: string };

/** Inserts a run of the job project/slug, which is made where it is missing. */
export async function addRun(
  tx: Tx,
  { project = 'acme', slug = 'site', ...wish }: RunWish = {},
): Promise<Run> {
  const definition = { maxAttempts: 3, timeoutSecs: 1800 };
  const names = { project, slug, kind: 'image' as const };
  const job = await tx.ensureJob({ id: uuid7(), versionId: `ver_${uuid7()}`, ...names, definition, now: 1 });
  return tx.insertRun({
    id: uuid7(),
    job,
    queue: 'default',
    priority: 0,
    trigger: 'api',
    ref: 'main',
    request: {},
    maxAttempts: 3,
    timeoutMs: 1000,
    createdAt: 1000,
    attemptId: uuid7(),
    ...wish,
  });
}

export interface Taken {
  run: Run;
  attempt: Attempt;
}

/** Claims the first attempt in line and starts its run, as a worker does. */
export async function take(tx: Tx, now = 2000, engine = 'one'): Promise<Taken | undefined> {
  const claimed = await tx.claimAttempt({ engine, leaseId: uuid7(), leaseExpiresAt: now + 60_000 }, now);
  if (!claimed) return undefined;
  const queued = await known(tx.run(claimed.runId));
  if (!(await tx.apply(queued, claimed, started(queued, now), uuid7())))
    throw new Error('the claim did not hold');
  return { run: await known(tx.run(claimed.runId)), attempt: claimed };
}

export async function known<T>(answer: Promise<T | undefined>): Promise<T> {
  const value = await answer;
  if (value === undefined) throw new Error('it is not in the store');
  return value;
}

export const nothingDone: AttemptRecord = { phases: [], steps: [], lastLine: null };
