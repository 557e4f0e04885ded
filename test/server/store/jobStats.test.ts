import { expect } from 'chai';
import type { RunState } from '../../../server/words/run.ts';
import type { Job } from '../../../server/words/job.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, addRun, type TemporaryStore } from './temporaryStore.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.parse('2026-06-10T12:34:00Z');

onBothStores('the figures of a job', (open) => {
  let store: TemporaryStore;
  let job: Job;
  let slugs = 0;
  before(async () => (store = await open()));
  beforeEach(async () => (job = await store.write((tx) => addJob(tx, { slug: `job-${++slugs}` }))));
  after(() => store.remove());

  /** Runs that were created at a time, started a second later, and ended after `ms`. */
  async function ended(state: RunState, createdAt: number, durations: readonly number[]): Promise<void> {
    await store.write(async (tx) => {
      for (const ms of durations) {
        const run = await addRun(tx, { job, createdAt });
        const [attempt] = await tx.attempts(run.id);
        const startedAt = createdAt + 1000;
        const change = {
          run: { state, startedAt, completedAt: startedAt + ms },
          attempt: { state: 'canceled' as const, finishedAt: startedAt + ms },
        };
        expect(await tx.apply(run, attempt, change, uuid7())).to.equal(true);
      }
    });
  }

  const figures = (since: number) => store.read.jobStats(job.id, since, now);

  it('are nothing for a job without ended runs', async () => {
    await store.write((tx) => addRun(tx, { job, createdAt: now }));
    expect(await figures(now - day)).to.deep.equal({ byState: {}, averageMs: 0, p95Ms: 0, p99Ms: 0 });
  });

  it('count each end once, and durations of completed runs only (I5)', async () => {
    await ended(
      'completed',
      now - minute,
      Array.from({ length: 10 }, () => 1000),
    );
    await ended('failed', now - minute, [9000, 9000]);
    await ended('expired', now - 2 * day, [7]);
    expect(await figures(now - hour)).to.deep.equal({
      byState: { completed: 10, failed: 2 },
      averageMs: 1000,
      p95Ms: 1000,
      p99Ms: 1000,
    });
    expect((await figures(now - 7 * day)).byState).to.deep.equal({ completed: 10, failed: 2, expired: 1 });
  });

  it('know percentiles as if all durations were kept, where those of a bucket are equal (I6)', async () => {
    const durations = [...Array.from({ length: 19 }, () => 8000), 48_000];
    await ended('completed', now - minute, durations);
    const { averageMs, p95Ms, p99Ms } = await figures(now - day);
    expect(averageMs).to.equal(10_000);
    expect(p95Ms).to.be.closeTo(8000 + 0.05 * 40_000, 0.001);
    expect(p99Ms).to.be.closeTo(8000 + 0.81 * 40_000, 0.001);
  });

  it('keep percentiles within 2 % of the truth', async () => {
    const durations = Array.from({ length: 200 }, (_, at) => 40 + at * at);
    await ended('completed', now - minute, durations);
    const { p95Ms } = await figures(now - day);
    const [below = 0, above = 0] = [durations[189], durations[190]];
    const exact = below + 0.05 * (above - below);
    expect(p95Ms).to.be.within(exact * 0.98, exact * 1.02);
  });

  it('are of runs that were created in the window, to five minutes, and to an hour for long windows', async () => {
    await ended('completed', now - hour - 10 * minute, [1]);
    await ended('completed', now - hour + minute, [1]);
    await ended('completed', now - 7 * day - 2 * hour, [1]);
    await ended('completed', now - 7 * day + hour, [1]);
    const count = async (since: number) => (await figures(since)).byState.completed;
    expect(await count(now - hour)).to.equal(1);
    expect(await count(now - day)).to.equal(2);
    expect(await count(now - 7 * day)).to.equal(3);
    expect(await count(now - 30 * day)).to.equal(4);
  });

  it('are forgotten when no window reaches them, and not before', async () => {
    await ended('completed', now - 50 * minute, [1]);
    const prune = (at: number) => store.write((tx) => tx.pruneStats(at, 1000));
    const counted = async (at: number) =>
      (await store.read.jobStats(job.id, now - hour, at)).byState.completed ?? 0;
    await prune(now + 2 * day - 50 * minute);
    expect(await counted(now)).to.equal(1);
    await prune(now + 2 * day);
    expect(await counted(now)).to.equal(0);
    expect(await counted(now + 30 * day)).to.equal(1);
    expect(await prune(now + 37 * day)).to.be.greaterThan(0);
    expect(await counted(now + 30 * day)).to.equal(0);
    expect(await prune(now + 37 * day)).to.equal(0);
  });

  it('of all runs are counters by state', async () => {
    const mine = `project-${slugs}`;
    job = await store.write((tx) => addJob(tx, { project: mine }));
    await store.write((tx) => addRun(tx, { job }));
    await ended('completed', now, [1, 2]);
    expect(await store.read.runCounts(mine)).to.deep.equal({ completed: 2, queued: 1 });
    expect(await store.read.runCounts('nobody')).to.deep.equal({});
    expect((await store.read.runCounts(undefined)).completed).to.be.greaterThan(10);
  });
});
