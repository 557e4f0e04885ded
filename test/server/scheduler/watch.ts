import { expect } from 'chai';
import type { Claimed } from '../../../server/room/claim.ts';
import type { Queue } from '../../../server/store/contract/lines.ts';
import { concernOf } from '../../../server/words/dependencies.ts';
import { limitsOf } from '../../../server/words/gate.ts';
import type { Job } from '../../../server/words/job.ts';
import { type Attempt, isTerminal, type Run } from '../../../server/words/run.ts';
import type { Scene } from './history.ts';
import type { Workshop } from './workshop.ts';

/** Holds a project to what the queue promises. */
export interface Watch {
  /** From now on this run must be there. */
  expectRun(id: string): void;
  /** Lets claimers take what they can at once, and looks at what they took. */
  claims(scene: Scene, claimers: readonly (() => Promise<Claimed[]>)[]): Promise<void>;
  /** Looks at every run. */
  look(): Promise<void>;
  /** The clock has jumped: what started before says nothing of windows. */
  forgetStarts(): void;
  isOpen(): Promise<boolean>;
  lookAtTheEnd(): Promise<void>;
}

interface Queued {
  run: Run;
  attempt: Attempt;
}

/** `parents` tells of a job which one its runs wait for. */
export function createWatch(
  { room, store, project, now }: Workshop,
  parents: ReadonlyMap<string, string>,
): Watch {
  const expected = new Set<string>();
  const ends = new Map<string, Run>();
  // When somebody was told of a run first, and of its end.
  const born = new Map<string, number>();
  const told = new Map<string, number>();
  let tellings = 0;
  let starts: { name: string; at: number }[] = [];

  room.events.onAnyRun((run) => {
    if (run.project !== project) return;
    expected.add(run.id);
    tellings++;
    if (!born.has(run.id)) born.set(run.id, tellings);
    if (!isTerminal(run.state)) return;
    expect(told.has(run.id), `run ${run.id} ended twice`).to.equal(false);
    told.set(run.id, tellings);
  });

  const allRuns = () => store.read.runs({ project }, { limit: 1000 });

  async function look(): Promise<void> {
    const runs = await allRuns();
    const known = new Set(runs.map(({ id }) => id));
    for (const id of expected) expect(known.has(id), `run ${id} is lost`).to.equal(true);
    for (const run of runs) await lookAt(run);
    for (const run of runs) if (run.state === 'waiting') lookAtWaiting(run, runs);
  }

  /** What it waits for has not happened since it waits. */
  function lookAtWaiting(run: Run, runs: readonly Run[]): void {
    const heard = runs.find(
      (one) =>
        one.jobId === parents.get(run.jobId) &&
        concerns(one, run) &&
        (told.get(one.id) ?? 0) > (born.get(run.id) ?? 0),
    );
    expect(heard?.id, `run ${run.id} waits on`).to.equal(undefined);
  }

  async function lookAt(run: Run): Promise<void> {
    const end = ends.get(run.id);
    if (end) return void expect(run).to.deep.equal(end);
    const attempts = await store.read.attempts(run.id);
    expect(attempts.map(({ number }) => number)).to.deep.equal(attempts.map((_, index) => index + 1));
    expect(attempts).to.have.length(run.attempt);
    expect(run.countedAttempts).to.be.at.most(run.maxAttempts);
    const open = attempts.flatMap(({ state }) => (state === 'queued' || state === 'running' ? [state] : []));
    expect(open).to.deep.equal(run.state === 'queued' || run.state === 'running' ? [run.state] : []);
    if (!isTerminal(run.state)) return;
    expect(told.has(run.id), `nobody was told of the end of ${run.id}`).to.equal(true);
    ends.set(run.id, run);
  }

  async function claims(scene: Scene, claimers: readonly (() => Promise<Claimed[]>)[]): Promise<void> {
    const queued = claimers.length === 1 ? await eligible(scene) : [];
    const claimed = (await Promise.all(claimers.map((one) => one()))).flat();
    scene.held.push(...claimed);
    // What one claimer alone takes first is of all that may start the most urgent.
    const [first] = claimed;
    if (first && !isRoundRobin(jobOf(scene, first.run)))
      for (const { attempt, run } of queued)
        if (run.kind === first.run.kind) expectNotOvertaken(attempt, first.attempt, now());
    await lookAtLimits(scene, claimed);
  }

  /** Attempts that nothing holds back, as far as that is known here. */
  async function eligible(scene: Scene): Promise<Queued[]> {
    const runs = await allRuns();
    const found: Queued[] = [];
    for (const run of runs) {
      const attempt = run.state === 'queued' ? (await store.read.attempts(run.id)).at(-1) : undefined;
      // Whether the pause of a retry is over is seen by the scheduler, not by whoever claims.
      if (!attempt || attempt.availableAt > attempt.queuedAt) continue;
      const job = jobOf(scene, run);
      const isFree = limitsOf(job.definition).rateLimitKeys.length === 0 && !isRoundRobin(job);
      if (isFree && passed(scene, job, run, [...runs, { ...run, state: 'running' }]) === undefined)
        found.push({ run, attempt });
    }
    return found;
  }

  async function lookAtLimits(scene: Scene, claimed: readonly Claimed[]): Promise<void> {
    const runs = claimed.length > 0 ? await allRuns() : [];
    for (const { run } of claimed) {
      const job = jobOf(scene, run);
      expect(passed(scene, job, run, runs)).to.equal(undefined);
      for (const { name, max, windowSecs } of limitsOf(job.definition).rateLimitKeys) {
        starts.push({ name, at: now() });
        const recent = starts.filter((one) => one.name === name && one.at > now() - windowSecs * 1000);
        expect(recent.length, `starts of ${name}`).to.be.at.most(max);
      }
    }
  }

  return {
    expectRun: (id) => void expected.add(id),
    claims,
    look,
    forgetStarts: () => void (starts = []),
    isOpen: async () => (await allRuns()).some(({ state }) => !isTerminal(state)),
    async lookAtTheEnd() {
      await look();
      for (const run of ends.values()) {
        const job = await store.read.jobVersionNumber(run.jobId, run.jobVersion);
        const webhooks = await store.read.notifications({ runId: run.id }, { limit: 10 });
        expect(webhooks.map(({ event }) => event)).to.deep.equal(
          job?.definition.webhookUrl ? [`run.${run.state}`] : [],
        );
      }
    },
  };
}

/**
 * Whoever waits for five minutes more goes before one of the next priority. After the clock was set back, what could start
 * before counts as from the new time on: nobody waits for the old one to come again.
 */
function expectNotOvertaken(one: Attempt, first: Attempt, now: number): void {
  const ahead = (first.priority - one.priority) * 5 * 60_000;
  expect(Math.min(first.availableAt, now) - ahead, `${one.runId} was overtaken`).to.be.at.most(
    one.availableAt,
  );
}

function concerns(parent: Run, run: Run): boolean {
  const concern = concernOf(run);
  if (!concern) return true;
  if ('idempotencyKey' in concern) return parent.idempotencyKey === concern.idempotencyKey;
  return parent.metadata['dependency_key'] === concern.dependencyKey;
}

function jobOf({ jobs }: Scene, { jobId }: Run): Job {
  const job = jobs.find(({ id }) => id === jobId);
  if (!job) throw new Error('the run has no job');
  return job;
}

function isRoundRobin({ definition }: Job): boolean {
  return definition.supersedePolicy === 'round_robin';
}

/** The limit that is passed when `run` runs beside all that run among `runs`; undefined where none is. */
function passed({ queues }: Scene, job: Job, run: Run, runs: readonly Run[]): string | undefined {
  if (!job.enabled || job.paused) return 'the job is held back';
  const running = runs.filter(({ state }) => state === 'running');
  return jobLimit(job, run, running) ?? queueLimit(queues, run, running);
}

function jobLimit(job: Job, { concurrencyKey }: Run, running: readonly Run[]): string | undefined {
  const { maxConcurrency, maxConcurrencyPerKey } = limitsOf(job.definition);
  const ofJob = running.filter(({ jobId }) => jobId === job.id);
  const ofKey = ofJob.filter((one) => one.concurrencyKey === concurrencyKey);
  if (maxConcurrency > 0 && ofJob.length > maxConcurrency) return 'max_concurrency';
  const isKeyed = concurrencyKey !== null && maxConcurrencyPerKey > 0;
  return isKeyed && ofKey.length > maxConcurrencyPerKey ? 'max_concurrency_per_key' : undefined;
}

function queueLimit(queues: readonly Queue[], run: Run, running: readonly Run[]): string | undefined {
  const queue = queues.find(({ name }) => name === run.queue);
  if (queue?.paused) return 'the queue is paused';
  const inQueue = running.filter((one) => one.queue === run.queue);
  return inQueue.length > (queue?.maxRunning ?? Infinity) ? 'the cap of the queue' : undefined;
}
