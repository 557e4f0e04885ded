import { expect } from 'chai';
import fc from 'fast-check';
import type { ListedRun } from '../../../server/store/contract/executions.ts';
import type { Store, Tx } from '../../../server/store/store.ts';
import type { Job } from '../../../server/words/job.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import type { Change } from '../../../server/words/transitions/change.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import {
  canceled,
  failed,
  lost,
  released,
  started,
  succeeded,
} from '../../../server/words/transitions/running.ts';
import { cancelRequested, expired } from '../../../server/words/transitions/waiting.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import {
  type Everything,
  everything,
  executionFilters,
  executionOrders,
  fittingExecutions,
  fittingRuns,
  offsetPages,
  runFilters,
  runOrders,
  sortedExecutions,
  sortedRuns,
} from './executionsModel.ts';
import {
  addJob,
  addRun,
  changeJob,
  known,
  nothingDone,
  type Taken,
  type TemporaryStore,
} from './temporaryStore.ts';

const steps = fc.record({
  job: fc.nat(3),
  what: fc.constantFrom(
    'submit',
    'submit',
    'submit',
    'claim',
    'claim',
    'claim',
    'end',
    'end',
    'stop',
    'version',
  ),
  how: fc.nat(6),
  priority: fc.nat(2),
  timeoutMs: fc.constantFrom(1000, 5000),
  pause: fc.constantFrom(0, 0, 7, 40),
});
const random = fc.sample(steps, { numRuns: 400, seed: 5 });
/** More of them, to be summed up. */
const many = fc.sample(steps, { numRuns: 1500, seed: 7 });
type Step = (typeof random)[number];

const ends: ((taken: Taken, now: number) => Change)[] = [
  ({ run, attempt }, now) => succeeded(run, attempt, null, nothingDone, now),
  ({ run, attempt }, now) => succeeded(run, attempt, null, nothingDone, now),
  (taken, now) => failedBy('timeout', taken, now),
  (taken, now) => failedBy('engine_lost', taken, now),
  ({ run, attempt }, now) => lost(run, attempt, null, now),
  ({ run, attempt }, now) => released(run, attempt, nothingDone, now),
  ({ run, attempt }, now) => canceled(run, attempt, 'enough', nothingDone, now),
];

function failedBy(reason: RunReason, { run, attempt }: Taken, now: number): Change {
  return failed(run, attempt, { reason, error: 'why' }, nothingDone, retryPlanOf({}, 0), now);
}

/** Attempts and runs of all kinds, many of them at the same moment. */
async function fill(tx: Tx, all: readonly Step[] = random, from = 1000): Promise<void> {
  const jobs = [
    await addJob(tx, { slug: 'site' }),
    await addJob(tx, { slug: 'api', kind: 'container' }),
    await addJob(tx, { project: 'other', slug: 'site', kind: 'http' }),
    await addJob(tx, { project: 'other', slug: 'odd' }),
  ];
  let now = from;
  for (const step of all) {
    now += step.pause;
    const job = await known(tx.job(jobs[step.job]?.id ?? ''));
    if (step.what === 'submit') await submit(tx, job, step, now);
    else if (step.what === 'claim') await claim(tx, step, now);
    else if (step.what === 'end') await end(tx, step, now);
    else if (step.what === 'stop') await stop(tx, step, now);
    else await changeJob(tx, job, { ...job.definition, description: String(now) }, now);
  }
}

async function submit(tx: Tx, job: Job, { how, priority, timeoutMs }: Step, now: number): Promise<void> {
  const wish = { job, priority, timeoutMs, createdAt: now, maxAttempts: 3 };
  if (how === 5) await addRun(tx, { ...wish, state: 'waiting' });
  else if (how === 6)
    await addRun(tx, { ...wish, request: { part: { image: 'a', platform: 'linux/arm64', ref: '' } } });
  else await addRun(tx, wish);
}

/** A run is done by the newest version of its job. */
async function claim(tx: Tx, { how }: Step, now: number): Promise<void> {
  await tx.openDue(now, 100);
  const place = (['engine', 'engine', 'engine', 'http', 'engine/linux/arm64'] as const)[how] ?? 'engine';
  const engine = place === 'http' ? null : how % 2 === 0 ? 'one' : 'two';
  const claimed = await tx.claimAttempt({ place, engine, leaseId: uuid7(), leaseExpiresAt: now + 1000 }, now);
  if (!claimed) return;
  const { version } = await known(tx.job(claimed.run.jobId));
  await tx.applyHeld(claimed, started(claimed.run, now, version), '');
}

async function end(tx: Tx, { how }: Step, now: number): Promise<void> {
  const attempt = (await tx.runningAttempts())[how % 3];
  if (!attempt) return;
  const held = await known(tx.heldAttempt(attempt));
  const change = ends[how]?.(held, now);
  if (change) await tx.applyHeld(held, change, uuid7());
}

async function stop(tx: Tx, { how }: Step, now: number): Promise<void> {
  const waits = await tx.runs({ states: ['queued', 'waiting'] }, { limit: 5 });
  const run = waits[how % 5];
  if (!run) return;
  const attempt = (await tx.attempts(run.id)).at(-1);
  const change =
    how % 2 === 0 && run.startedAt === null ? expired(run, attempt, now) : cancelRequested(run, attempt, now);
  if (change) expect(await tx.apply(run, attempt, change, uuid7())).to.equal(true);
}

/** Asks for lists of all kinds, and makes the same ones row by row. */
async function agree({ read }: Store, all: Everything, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(executionFilters, executionOrders, offsetPages, async (filter, order, page) => {
      const fitting = fittingExecutions(all, filter);
      expect(await read.countExecutions(filter)).to.equal(fitting.length);
      const { offset, limit } = page;
      const wanted = sortedExecutions(fitting, order).slice(offset, offset + limit);
      const found = await read.executions(filter, order, page);
      expect(found.map(({ attempt }) => attempt.key)).to.deep.equal(wanted);
    }),
    { numRuns },
  );
}

async function sumUp(store: Store, size: number): Promise<void> {
  for (let from: number | null = 0; from !== null;) {
    const next: number = from;
    from = await store.write((tx) => tx.sumUpAttempts(next, size));
  }
}

onBothStores('lists of executions', (open) => {
  let store: TemporaryStore;
  let all: Everything;
  before(async () => {
    store = await open();
    await store.write((tx) => fill(tx));
    all = await everything(store.read);
  });
  after(() => store.remove());

  it('have something of everything to be about', () => {
    expect(all.executions.length).to.be.greaterThan(80);
    expect(new Set(all.executions.map(({ attempt }) => attempt.state)).size).to.equal(8);
    expect(all.executions.some(({ attempts }) => attempts > 1)).to.equal(true);
    expect(new Set(all.executions.map(({ job }) => job.version)).size).to.be.greaterThan(2);
    expect(new Set(all.runs.map(({ run }) => run.state)).size).to.be.greaterThan(5);
  });

  it('are what every filter asks for, in any order and from any place on', () => agree(store, all, 200));

  it('are the same for runs', () =>
    fc.assert(
      fc.asyncProperty(runFilters, runOrders, offsetPages, async (filter, order, page) => {
        const fitting = fittingRuns(all, filter);
        expect(await store.read.countListedRuns(filter)).to.equal(fitting.length);
        const { offset, limit } = page;
        const wanted = sortedRuns(fitting, order).slice(offset, offset + limit);
        const found = await store.read.listedRuns(filter, order, page);
        expect(found.map(({ run }) => run.key)).to.deep.equal(wanted);
      }),
      { numRuns: 200 },
    ));

  it('have the attempts of one run', async () => {
    const tried = all.executions.find(({ attempts }) => attempts > 1);
    const filter = { runId: tried?.run.id ?? '' };
    const wanted = sortedExecutions(fittingExecutions(all, filter), [{ field: 'key', descending: true }]);
    const found = await store.read.executions(filter, [{ field: 'key', descending: true }], {
      offset: 0,
      limit: 10,
    });
    expect(found.map(({ attempt }) => attempt.key)).to.deep.equal(wanted);
    expect(await store.read.countExecutions(filter)).to.equal(tried?.attempts);
  });

  it('count what waits, and what is in each state', async () => {
    for (const project of ['acme', undefined]) {
      const own = all.executions.filter(({ run }) => (project ?? run.project) === run.project);
      const counts = await store.read.executionCounts(project);
      expect(counts.reduce((sum, { count }) => sum + count, 0)).to.equal(own.length);
      for (const { jobKey, engineKey, state, count } of counts)
        expect(
          own.filter(
            ({ attempt, job, engine }) =>
              attempt.state === state && job.key === jobKey && (engine?.key ?? null) === engineKey,
          ),
        ).to.have.length(count);
      const waits = own.filter(({ attempt }) => attempt.state === 'queued');
      const depths = await store.read.queueDepths(project);
      expect(new Set(depths.map(({ job }) => job.key))).to.deep.equal(
        new Set(waits.map(({ job }) => job.key)),
      );
      for (const { job, waiting, oldestAt, highestPriority } of depths) {
        const ofJob = waits.filter((one) => one.job.key === job.key);
        expect(waiting).to.equal(ofJob.length);
        expect(oldestAt).to.equal(Math.min(...ofJob.map(({ attempt }) => attempt.queuedAt)));
        expect(highestPriority).to.equal(Math.max(...ofJob.map(({ run }) => run.priority)));
      }
    }
  });
});

onBothStores('lists of executions that are summed up in part', (open) => {
  let store: TemporaryStore;
  // One process asks the one, and many questions take no time; over a connection they do.
  const compare = async () => agree(store, await everything(store.read), store.shared ? 15 : 50);
  before(async () => {
    store = await open();
    await store.write((tx) => fill(tx, many.slice(0, 1100)));
  });
  after(() => store.remove());

  for (const size of [7, 30])
    it(`are the same in blocks of ${size}`, async () => {
      await sumUp(store, size);
      await compare();
    });

  it('are the same while what was under way ends', async () => {
    await store.write((tx) => fill(tx, many.slice(1100), 4000));
    await compare();
    await sumUp(store, 11);
    await compare();
  });

  it('are the same when some of them, and the first of a job, were removed', async () => {
    const before = await everything(store.read);
    const old = before.runs.filter(({ run }, index) => run.completedAt !== null && index % 3 === 0);
    await store.write((tx) => tx.removeEndedRuns(old.map(({ run }) => run.id)));
    await compare();
    await sumUp(store, 12);
    const [{ run }] = old as [ListedRun];
    const ofJob = before.runs.filter((one) => one.run.jobId === run.jobId).map((one) => one.run);
    const firstOpen = ofJob.toSorted((a, b) => a.key - b.key).find(({ completedAt }) => completedAt === null);
    await store.write((tx) => tx.removeRuns(run.jobId, (firstOpen?.key ?? Infinity) - 1));
    await compare();
    await sumUp(store, 5);
    await compare();
  });
});
