import type { PhaseRecord } from '../../../builder/model/spec.ts';
import type { LogStream } from '../../../builder/model/log.ts';
import type { Room } from '../../../server/room/room.ts';
import type { Tx } from '../../../server/store/store.ts';
import type { Job } from '../../../server/words/job.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import type { Run } from '../../../server/words/run.ts';
import type { AttemptRecord } from '../../../server/words/transitions/change.ts';
import { canceled, failed, started, succeeded } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { adminToken, openTestWeb, type Answer, type Ask, type TestWeb } from '../access/webFixture.ts';
import {
  addJob,
  addRun,
  changeJob,
  type JobWish,
  known,
  newestAttempt,
  nothingDone,
  type Taken,
} from '../store/temporaryStore.ts';

/** What every job type has, however short it is shown. */
export const jobTypeKeys = [
  'id',
  'name',
  'version',
  'title',
  'description',
  'category',
  'author_name',
  'author_url',
  'is_system',
  'is_long_running',
  'is_active',
  'is_operational',
  'is_paused',
  'icon_code',
];

export type Shown = Record<string, unknown>;

/** A page of a list, as a client reads it. */
export interface Page {
  count: number;
  next: string | null;
  previous: string | null;
  results: Shown[];
}

/** The whole program with nobody who works on its runs, asked by the administrator. */
export interface ScaleWeb extends TestWeb {
  get(path: string, options?: Ask): Promise<Answer>;
  /** Fails where the answer is no page. */
  page(path: string): Promise<Page>;
  ids(path: string): Promise<number[]>;
}

export async function openScale(options: Parameters<typeof openTestWeb>[0] = {}): Promise<ScaleWeb> {
  const web = await openTestWeb(options);
  const get = (path: string, more: Ask = {}) => web.ask('GET', path, { key: adminToken, ...more });
  const page = async (path: string): Promise<Page> => {
    const { status, text, json } = await get(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return json as unknown as Page;
  };
  return {
    ...web,
    get,
    page,
    ids: async (path) => (await page(path)).results.map(({ id }) => Number(id)),
  };
}

/** Makes what is asked for in a store, at times that are given. No other attempt may be ready. */
export interface Maker {
  tx: Tx;
  run(job: Job, at: number, wish?: Parameters<typeof addRun>[1]): Promise<Run>;
  take(engine: string, at: number): Promise<Taken>;
  end(taken: Taken, at: number, how: Ending): Promise<void>;
}

export interface Ending extends Partial<AttemptRecord> {
  reason?: RunReason;
  /** Canceled while it ran. */
  isCanceled?: boolean;
}

export function making<T>(room: Room, work: (make: Maker) => Promise<T>): Promise<T> {
  return room.store.write((tx) => work(makerIn(tx)));
}

function makerIn(tx: Tx): Maker {
  return {
    tx,
    run: (job, at, wish = {}) => addRun(tx, { job, createdAt: at, maxAttempts: 4, ...wish }),
    take: (engine, at) => take(tx, engine, at),
    end: (taken, at, how) => end(tx, taken, at, how),
  };
}

async function take(tx: Tx, engine: string, at: number): Promise<Taken> {
  await tx.ensureEngine(engine, at);
  await tx.openDue(at, 100);
  const lease = { leaseId: uuid7(), leaseExpiresAt: Date.now() + 3_600_000 };
  const { attempt, run } = await known(tx.claimAttempt({ place: 'engine', engine, ...lease }, at));
  if (!(await tx.apply(run, attempt, started(run, at), uuid7()))) throw new Error('the claim did not hold');
  return { run: await known(tx.run(run.id)), attempt };
}

async function end(tx: Tx, { run, attempt }: Taken, at: number, how: Ending): Promise<void> {
  const { reason, isCanceled, ...record } = { ...nothingDone, ...how };
  const retry = { strategy: 'fixed', delaysSecs: [1], jitter: 0 } as const;
  const change = isCanceled
    ? canceled(run, attempt, 'it was to stop', record, at)
    : reason
      ? failed(run, attempt, { reason, error: `it ended: ${reason}`, exitCode: 1 }, record, retry, at)
      : succeeded(run, attempt, null, record, at);
  if (!(await tx.apply(run, attempt, change, uuid7()))) throw new Error('the attempt did not end');
}

/** A job of acme; an image one unless it says another kind. */
export function someJob(tx: Tx, wish: JobWish): Promise<Job> {
  const definition =
    wish.kind === 'container'
      ? { container: { image: 'busybox', command: ['true'] } }
      : { image: { source: { account: 'acme', repo: wish.slug ?? 'site' }, dockerfile: 'Dockerfile' } };
  return addJob(tx, { definition, ...wish });
}

/** 250 executions with the numbers 1 to 250, the oldest change last: F2 of scale-cases.md. Gives the newest time. */
export async function makeF2({ room }: TestWeb, newest: number): Promise<void> {
  await making(room, async (make) => {
    const { tx } = make;
    await tx.setQueue({ name: 'held', paused: true, maxRunning: null }, newest);
    for (const engine of ['node1', 'node2']) await tx.ensureEngine(engine, newest);
    const a = await someJob(tx, { slug: 'a' });
    const b = await someJob(tx, { slug: 'b', kind: 'container' });
    const c = await someJob(tx, { project: 'beta', slug: 'a' });
    const changed = await changeJob(tx, c, { ...c.definition, description: 'Another one.' });
    for (let i = 0; i < 250; i++) {
      const at = newest - i * 600_000;
      const job = [a, b, changed][i % 3] ?? a;
      const state = i % 5;
      if (state === 0) {
        await make.run(job, at, { queue: 'held' });
        continue;
      }
      await make.run(job, at - 2000, { maxAttempts: 1 });
      const taken = await make.take(['node1', 'node2'][i % 2] ?? '', state === 1 ? at : at - 1000);
      if (state === 2) await make.end(taken, at, { reason: 'build_step_failed' });
      if (state === 3) await make.end(taken, at, {});
      if (state === 4) await make.end(taken, at, { isCanceled: true });
    }
  });
}

/** Ten executions of five runs, each on a node of its own: F1 of scale-cases.md. */
export async function makeF1({ room }: TestWeb): Promise<{ first: Run; secondTry: number }> {
  return making(room, async (make) => {
    const one = await someJob(make.tx, { slug: 'n1' });
    const two = await someJob(make.tx, { slug: 'n2', kind: 'container' });
    const plans: [Job, ('fail' | 'done' | 'stay')[]][] = [
      [one, ['fail', 'fail', 'fail', 'stay']],
      [one, ['fail']],
      [two, ['fail', 'fail', 'done']],
      [two, ['stay']],
      [two, ['done']],
    ];
    const runs: Run[] = [];
    let nodes = 0;
    let at = Date.now() - 3_600_000;
    for (const [job, tries] of plans) {
      const run = await make.run(job, at, { maxAttempts: tries.length });
      runs.push(run);
      for (const then of tries) {
        const taken = await make.take(`node-${++nodes}`, (at += 10_000));
        if (then === 'fail') await make.end(taken, (at += 10_000), { reason: 'engine_lost' });
        if (then === 'done') await make.end(taken, (at += 10_000), {});
      }
    }
    const [first] = runs;
    const attempts = await make.tx.attempts(first?.id ?? '');
    if (!first) throw new Error('nothing was made');
    return { first, secondTry: attempts[1]?.key ?? 0 };
  });
}

/** A run with a log of these lines, and the times that they came at in order. It stays running unless it is ended. */
export async function makeLogged(
  { room }: TestWeb,
  lines: readonly (readonly [LogStream, string])[],
  how?: Ending,
): Promise<number> {
  const run = await making(room, async (make) => {
    const job = await someJob(make.tx, { slug: 'logged', kind: 'container' });
    const made = await make.run(job, Date.now());
    await make.take('node', Date.now());
    return made;
  });
  const log = await room.logs.write(run.id);
  for (const [stream, text] of lines) log.append(stream, `${text}\n`);
  await log.end();
  return making(room, async ({ tx, end: finish }) => {
    const attempt = await known(newestAttempt(tx, run.id));
    await tx.recordProgress(attempt.id, attempt.leaseId ?? '', { firstLine: 1 });
    const taken = { run: await known(tx.run(run.id)), attempt };
    if (how) await finish(taken, Date.now(), { lastLine: lines.length, ...how });
    return attempt.key;
  });
}

export function phase(name: PhaseRecord['phase'], from: number, to: number, exitCode: number): PhaseRecord {
  return { phase: name, startedAt: from, endedAt: to, exitCode };
}
