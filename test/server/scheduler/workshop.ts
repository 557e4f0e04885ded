import { randomBytes } from 'node:crypto';
import { claim, type Claimed } from '../../../server/room/claim.ts';
import { createRunEvents } from '../../../server/room/events.ts';
import { finish, type Outcome } from '../../../server/room/finish.ts';
import type { Policy, Report, Room } from '../../../server/room/room.ts';
import { schedulerStep } from '../../../server/room/schedule/scheduler.ts';
import { settle } from '../../../server/room/settle.ts';
import { stopRun } from '../../../server/room/settling/stop.ts';
import type { Submission, Submitted } from '../../../server/room/submit/submission.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import type { Store } from '../../../server/store/store.ts';
import { tickAfter } from '../../../server/words/ticks.ts';
import type { DependencyCondition, Job, JobDefinition, JobKind } from '../../../server/words/job.ts';
import { Problem } from '../../../server/words/problems.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import { type Attempt, isTerminal, type Place, type Run, runStates } from '../../../server/words/run.ts';
import { createSealer } from '../../../server/words/seal.ts';
import { canceled } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { versionId } from '../../../server/words/versionId.ts';
import { known } from '../store/temporaryStore.ts';

/** A room with a clock that is set by hand and no worker: what happens is what a test lets happen. */
export interface Workshop {
  readonly room: Room;
  readonly store: Store;
  readonly project: string;
  /** What was reported. */
  readonly reports: string[];
  /** Runs whose work was to be stopped. */
  readonly interrupted: string[];
  now(): number;
  /** Sets the clock forward, or back, and nothing else. */
  jump(ms: number): void;
  /** Lets time pass: whatever is due then has happened. */
  pass(ms: number): Promise<void>;
  /** A job of its own; an HTTP one unless it has an image. */
  job(definition?: JobDefinition, slug?: string): Promise<Job>;
  dependency(job: Job, on: Job, condition?: DependencyCondition): Promise<void>;
  submit(job: Job, wish?: Partial<Submission>): Promise<Submitted>;
  trigger(job: Job, wish?: Partial<Submission>): Promise<Run>;
  /** Claims the next attempt and works on it no further; undefined where nothing may start. */
  take(place?: Place): Promise<Claimed | undefined>;
  /** Ends a claimed attempt: well, or with a reason. */
  end(claimed: Claimed, reason?: RunReason): Promise<Run | undefined>;
  /** Claims the next attempt, which is to be one of this run, and ends it. */
  work(run: Run, reason?: RunReason): Promise<Run>;
  run(run: { id: string }): Promise<Run>;
  attempts(run: { id: string }): Promise<Attempt[]>;
  state(run: { id: string }): Promise<Run['state']>;
  /** Leaves nothing that another workshop of the same store could claim. */
  close(): Promise<void>;
}

export const start = Date.parse('2026-06-01T12:00:00Z');

const policy = {
  sourceUrl: (account: string, repo: string) => `https://git.example/${account}/${repo}.git`,
  checkedSource: (url: string) => url,
  builderId: 'urn:docker-builder',
  maxAttempts: 3,
  timeoutSecs: 1800,
  leaseMs: 60_000,
  webhookTries: 3,
  missedTicks: 'one',
};

export function openWorkshop(store: Store, wish: Partial<Policy> = {}, project = uuid7()): Workshop {
  const reports: string[] = [];
  const interrupted: string[] = [];
  const say = (_fields: object, sentence: string) => void reports.push(sentence);
  const report: Report = { info: say, warn: say, error: say };
  let time = start;
  // Only what belongs to the queue; whatever works is left out.
  const room = {
    store,
    fleet: { me: { id: 'workshop' }, members: async () => [], crowd: () => 1, isDead: () => false },
    events: createRunEvents(),
    sealer: createSealer(randomBytes(32)),
    logs: { lineCount: async () => undefined },
    wake() {},
    wakeEarly() {},
    wakeClock() {},
    wakeNotifier() {},
    interrupt: (runId: string) => interrupted.push(runId) > 0,
    policy: () => ({ ...policy, ...wish }),
    report,
    now: () => time,
    closing: new AbortController(),
  } as unknown as Room;

  const workshop: Workshop = {
    room,
    store,
    project,
    reports,
    interrupted,
    now: () => time,
    jump: (ms) => void (time += ms),
    async pass(ms) {
      time += ms;
      while (await schedulerStep(room));
    },
    job: (definition = {}, slug = uuid7()) => makeJob(room, project, slug, definition),
    async dependency({ id: jobId }, { id: dependsOnJobId }, condition = 'completed') {
      const dependency = { id: uuid7(), jobId, dependsOnJobId, condition, createdAt: time };
      await store.write((tx) => tx.insertDependency(dependency));
    },
    submit: (job, more = {}) => submit(room, { job: { id: job.id }, trigger: 'api', ...more }),
    trigger: async (job, more) => (await workshop.submit(job, more)).run,
    take: async (place = 'http') =>
      (await claim(room, { place, engine: place === 'engine' ? 'one' : null }, 1))[0],
    end: (claimed, reason) => endAttempt(room, claimed, reason),
    async work(run, reason) {
      const claimed = await known(workshop.take(run.kind === 'http' ? 'http' : 'engine'));
      if (claimed.run.id !== run.id)
        throw new Error(`it was the turn of ${claimed.run.id}, not of ${run.id}`);
      return known(workshop.end(claimed, reason));
    },
    run: ({ id }) => known(store.read.run(id)),
    attempts: ({ id }) => store.read.attempts(id),
    state: async (run) => (await workshop.run(run)).state,
    close: () => stopAll(room, project),
  };
  return workshop;
}

export async function makeJob(
  { store, now }: Room,
  project: string,
  slug: string,
  definition: JobDefinition,
): Promise<Job> {
  const kind: JobKind = definition.image ? 'image' : 'http';
  const own = kind === 'http' ? { http: { url: 'http://endpoint.example/' } } : {};
  const made = { ...own, ...definition };
  return store.write(async (tx) => {
    const ids = { id: uuid7(), versionId: versionId(), versionRowId: uuid7() };
    const names = { project, slug, kind, enabled: true, createdBy: null };
    const job = await known(tx.insertJob({ ...ids, ...names, definition: made, now: now() }));
    if (made.cron) await tx.setSchedule(job.id, tickAfter(made, 0, now()));
    return job;
  });
}

const nothing = { phases: [], steps: [], lastLine: null };

async function endAttempt(room: Room, claimed: Claimed, reason?: RunReason): Promise<Run | undefined> {
  const outcome: Outcome = reason
    ? { kind: 'fault', fault: { reason, message: `it ended as ${reason}` }, leftover: false }
    : { kind: 'done', result: null, output: '{"ok":true}' };
  return finish(
    room,
    { ...claimed, seat: { place: 'http' }, patience: room.closing.signal },
    outcome,
    nothing,
    false,
  );
}

async function stopAll(room: Room, project: string): Promise<void> {
  const states = runStates.filter((state) => !isTerminal(state));
  const { runs } = await room.store.read.searchRuns({ project, states }, { limit: 1000 });
  await settle(room, async (changes) => {
    for (const { id } of runs) {
      const run = await known(changes.tx.run(id));
      const attempt = (await changes.tx.attempts(id)).at(-1);
      if (run.state !== 'running') await stopRun(changes, run);
      else if (attempt)
        await changes.apply(run, attempt, canceled(run, attempt, 'over', nothing, room.now()));
    }
  });
}

/** The Problem that something is refused with. */
export async function refusal(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof Problem) return error;
  throw error;
}

/** A payload as a door hands it over. */
export function payload(value: unknown): { payload: { value: unknown; text: string } } {
  return { payload: { value, text: JSON.stringify(value) } };
}
