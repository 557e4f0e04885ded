import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../server/store/open.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { NewJob } from '../../../server/store/contract/jobs.ts';
import type { NewRun } from '../../../server/store/contract/runs.ts';
import type { Reads, Store, Tx } from '../../../server/store/store.ts';
import type { Job, JobDefinition } from '../../../server/words/job.ts';
import type { Attempt, Place, Run } from '../../../server/words/run.ts';
import type { AttemptRecord } from '../../../server/words/transitions/change.ts';
import { started } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { freshDatabase } from './freshDatabase.ts';

export const storeKinds = ['SQLite', 'PostgreSQL'] as const;
export type StoreKind = (typeof storeKinds)[number];

export interface TemporaryStore extends Store {
  /** Closes the store and removes all that it had. */
  remove(): Promise<void>;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dbs-'));
}

export async function temporaryStore(kind: StoreKind = 'SQLite'): Promise<TemporaryStore> {
  return kind === 'SQLite' ? temporarySqliteStore() : temporaryPostgresStore();
}

async function temporarySqliteStore(): Promise<TemporaryStore> {
  const folder = temporaryFolder();
  const store = await openSqliteStore(folder);
  const remove = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...store, remove };
}

async function temporaryPostgresStore(): Promise<TemporaryStore> {
  const database = await freshDatabase();
  const store = await openPostgresStore(database.url);
  const remove = async () => {
    await store.close();
    await database.giveBack();
  };
  return { ...store, remove };
}

export type JobWish = Partial<NewJob>;

/** The job project/slug, made where it is missing. */
export async function addJob(tx: Tx, wish: JobWish = {}): Promise<Job> {
  return tx.ensureJob({
    id: uuid7(),
    versionId: `ver_${uuid7()}`,
    versionRowId: uuid7(),
    project: 'acme',
    slug: 'site',
    kind: 'image',
    enabled: true,
    definition: { maxAttempts: 3, timeoutSecs: 1800 },
    createdBy: null,
    now: 1,
    ...wish,
  });
}

/** Makes the next version of a job, as it is now. */
export async function changeJob(tx: Tx, job: Job, definition: JobDefinition, now = 1000): Promise<Job> {
  const newest = await known(tx.job(job.id));
  const names = { versionId: `ver_${uuid7()}`, versionRowId: uuid7(), slug: newest.slug };
  const changed = await tx.changeJob(newest, { ...names, definition, updatedBy: null, now });
  if (typeof changed === 'string') throw new Error(`the job cannot be changed: ${changed}`);
  return changed;
}

export type RunWish = Partial<NewRun> & { project?: string; slug?: string };

/** Inserts a run of the job project/slug, which is made where it is missing. */
export async function addRun(tx: Tx, { project, slug, ...wish }: RunWish = {}): Promise<Run> {
  const names = { ...(project !== undefined && { project }), ...(slug !== undefined && { slug }) };
  return tx.insertRun({
    id: uuid7(),
    job: wish.job ?? (await addJob(tx, names)),
    state: 'queued',
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
export async function take(tx: Tx, now = 2000, place: Place = 'engine'): Promise<Taken | undefined> {
  const engine = place === 'http' ? null : 'one';
  const claim = { place, engine, leaseId: uuid7(), leaseExpiresAt: now + 60_000 };
  const claimed = await tx.claimAttempt(claim, now);
  if (!claimed) return undefined;
  const { attempt, run: queued } = claimed;
  if (!(await tx.apply(queued, attempt, started(queued, now), uuid7())))
    throw new Error('the claim did not hold');
  return { run: await known(tx.run(queued.id)), attempt };
}

export async function known<T>(answer: Promise<T | undefined>): Promise<T> {
  const value = await answer;
  if (value === undefined) throw new Error('it is not in the store');
  return value;
}

/** The newest attempt of a run. */
export async function newestAttempt(reads: Reads, runId: string): Promise<Attempt | undefined> {
  return (await reads.attempts(runId)).at(-1);
}

export const nothingDone: AttemptRecord = { phases: [], steps: [], lastLine: null };
