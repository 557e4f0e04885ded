import { expect } from 'chai';
import fc from 'fast-check';
import type { Tx } from '../../../server/store/store.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import { type Attempt, attemptStates, isTerminal, type Run, runStates } from '../../../server/words/run.ts';
import { type Change, TransitionError } from '../../../server/words/transitions/change.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import {
  archived,
  canceled,
  failed,
  lost,
  released,
  succeeded,
} from '../../../server/words/transitions/running.ts';
import {
  cancelRequested,
  delayed,
  due,
  expired,
  rescheduled,
  unblocked,
} from '../../../server/words/transitions/waiting.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import {
  addRun,
  known,
  newestAttempt,
  nothingDone,
  storeKinds,
  take,
  type TemporaryStore,
  temporaryStore,
} from './temporaryStore.ts';
import { undone } from './undone.ts';

/** What somebody knows of a run, perhaps from long ago. */
interface Known {
  run: Run;
  attempt?: Attempt;
}

const states = ['queued', 'queued', 'waiting', 'delayed'] as const;

/** What may happen to a run that has an attempt. */
const attemptEvents: Record<string, (run: Run, attempt: Attempt, now: number) => Change | undefined> = {
  succeed: (run, attempt, now) => succeeded(run, attempt, { images: [] }, nothingDone, now),
  retry: (run, attempt, now) => failedBy('engine_lost', run, attempt, now),
  fail: (run, attempt, now) => failedBy('build_step_failed', run, attempt, now),
  timeOut: (run, attempt, now) => failedBy('timeout', run, attempt, now),
  stop: (run, attempt, now) => canceled(run, attempt, 'stopped', nothingDone, now),
  lose: (run, attempt, now) => lost(run, attempt, null, now),
  release: (run, attempt, now) => released(run, attempt, nothingDone, now),
};

/** What may happen to any run. */
const runEvents: Record<string, (known: Known, now: number) => Change | undefined> = {
  cancel: ({ run, attempt }, now) => cancelRequested(run, attempt, now),
  supersede: ({ run, attempt }, now) => cancelRequested(run, attempt, now, { reason: 'superseded' }),
  expire: ({ run, attempt }, now) => expired(run, attempt, now),
  comeDue: ({ run }, now) => due(run, now),
  unblock: ({ run }, now) => unblocked(run, now),
  delay: ({ run }, now) => delayed(run, now + 1000, now),
  reschedule: ({ run }, now) => rescheduled(run, now + 1000),
  archive: ({ run }, now) => archived(run, now),
};

interface Step {
  event: string;
  /** Which of the known rows it is about; as it is now where `late` is false. */
  which: number;
  late: boolean;
  priority: number;
}

const happenings = [...Object.keys(attemptEvents), ...Object.keys(runEvents)];
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    event: fc.constantFrom('submit', 'submit', 'claim', 'claim', 'claim', 'claim', 'claim', ...happenings),
    which: fc.nat(50),
    late: fc.boolean(),
    priority: fc.nat(2),
  }),
  { minLength: 10, maxLength: 60 },
);

function failedBy(reason: RunReason, run: Run, attempt: Attempt, now: number): Change {
  return failed(run, attempt, { reason, error: 'why' }, nothingDone, retryPlanOf({}, 0), now);
}

/** Lets things happen in a store by all that anybody ever knew of its rows, and checks what came of it. */
function createHistory(tx: Tx) {
  const seen: Known[] = [];
  const ends = new Map<string, Run>();
  const changes = new Map<number, { at: number; state: Attempt['state'] }>();
  let now = 1_000_000;

  async function happen({ event, which, late, priority }: Step): Promise<void> {
    now += 2000;
    if (event === 'submit') return submit(priority, states[which % states.length]);
    if (event === 'claim') return claim();
    const past = seen[which % Math.max(1, seen.length)];
    const about = past && (late ? past : await today(past.run.id));
    const change = about && changeOf(event, about, now);
    if (change) await apply(about, change);
  }

  async function submit(priority: number, state: (typeof states)[number] = 'queued'): Promise<void> {
    const wish = { state, priority, maxAttempts: 1 + priority, createdAt: now };
    const run = await addRun(tx, state === 'delayed' ? { ...wish, scheduledAt: now + 1000 } : wish);
    seen.push(await today(run.id));
  }

  /** The attempt that comes first is the one that is taken, and nobody else holds it. */
  async function claim(): Promise<void> {
    await tx.openDue(now, 100);
    const waiting = (await allAttempts()).filter((one) => one.state === 'queued' && one.availableAt <= now);
    const first = waiting.toSorted((a, b) => a.rank - b.rank || a.key - b.key)[0];
    const taken = await take(tx, now);
    expect(taken?.attempt.id).to.equal(first?.id);
    if (taken) seen.push(taken);
  }

  /** A change happens exactly where the rows still are what it was made from, else nothing at all does. */
  async function apply(about: Known, change: Change): Promise<void> {
    const before = await today(about.run.id);
    const attempt = (change.attempt ?? about.attempt?.state === 'running') ? about.attempt : undefined;
    const applied = await tx.apply(about.run, attempt, change, uuid7());
    const after = await today(about.run.id);
    expect(applied, JSON.stringify({ about, before })).to.equal(identity(before) === identity(about));
    if (!applied) expect(after).to.deep.equal(before);
    seen.push(after);
  }

  async function check(): Promise<void> {
    const runs = await tx.runs({}, { limit: 1000 });
    for (const run of runs) await checkRun(run);
    for (const state of runStates)
      for (const isArchived of [true, false]) {
        const rows = runs.filter((run) => run.state === state && (run.archivedAt !== null) === isArchived);
        expect(await tx.countRuns({ states: [state], archived: isArchived })).to.equal(rows.length);
      }
    await checkLists(runs);
  }

  /** Lists count what there is, and see each change later than the one before. */
  async function checkLists(runs: readonly Run[]): Promise<void> {
    const executions = await tx.executions({}, [], { offset: 0, limit: 1000 });
    const attempts = await allAttempts();
    expect(executions.map(({ attempt }) => attempt)).to.deep.equal(
      attempts.toSorted((a, b) => a.key - b.key),
    );
    const counts = await tx.executionCounts(undefined);
    for (const state of attemptStates) {
      const counted = counts.filter((one) => one.state === state).reduce((sum, { count }) => sum + count, 0);
      expect(counted).to.equal(attempts.filter((attempt) => attempt.state === state).length);
    }
    for (const state of runStates)
      expect(await tx.countListedRuns({ states: [state] })).to.equal(
        runs.filter((run) => run.state === state).length,
      );
    const byRun = await tx.executions({}, [{ field: 'runStatus', descending: false }], {
      offset: 0,
      limit: 1000,
    });
    expect(byRun.map(({ run }) => run.state)).to.deep.equal(
      executions.map(({ run }) => run.state).toSorted(),
    );
    for (const { attempt, modifiedAt } of executions) {
      expect(modifiedAt).to.be.at.least(changes.get(attempt.key)?.at ?? attempt.queuedAt);
      if (changes.get(attempt.key)?.state !== attempt.state) expect(modifiedAt).to.equal(latestOf(attempt));
      changes.set(attempt.key, { at: modifiedAt, state: attempt.state });
    }
  }

  async function checkRun(run: Run): Promise<void> {
    const attempts = await tx.attempts(run.id);
    expect(attempts.map(({ number }) => number)).to.deep.equal(attempts.map((_, index) => index + 1));
    expect(attempts).to.have.length(run.attempt);
    const open = attempts.filter(({ state }) => state === 'queued' || state === 'running');
    const isOpen = run.state === 'queued' || run.state === 'running';
    expect(open.map(({ state }) => state)).to.deep.equal(isOpen ? [run.state] : []);
    expect(run.countedAttempts).to.equal(attempts.filter(({ state }) => state !== 'released').length);
    expect(run.countedAttempts).to.be.at.most(run.maxAttempts);
    expect(run.state === 'canceled').to.equal(run.reason === 'canceled' || run.reason === 'superseded');
    expect(run.state === 'expired').to.equal(run.reason === 'expired');
    if (run.state === 'expired') expect(run.startedAt).to.equal(null);
    const end = ends.get(run.id) ?? run;
    // What has ended stays as it ended, but for its log.
    expect({ ...run, archivedAt: end.archivedAt }).to.deep.equal(end);
    if (isTerminal(run.state)) ends.set(run.id, run);
  }

  async function allAttempts(): Promise<Attempt[]> {
    const runs = await tx.runs({}, { limit: 1000 });
    const attempts = [];
    for (const { id } of runs) attempts.push(...(await tx.attempts(id)));
    return attempts;
  }

  async function today(runId: string): Promise<Known> {
    const run = await known(tx.run(runId));
    const attempt = await newestAttempt(tx, runId);
    return attempt ? { run, attempt } : { run };
  }

  return { submit, happen, check };
}

function latestOf({ queuedAt, startedAt, finishedAt }: Attempt): number {
  return finishedAt ?? startedAt ?? queuedAt;
}

/** Undefined where the transition is not one that such rows know. */
function changeOf(event: string, about: Known, now: number): Change | undefined {
  const { run, attempt } = about;
  try {
    return attempt && event in attemptEvents
      ? attemptEvents[event]?.(run, attempt, now)
      : runEvents[event]?.(about, now);
  } catch (error) {
    if (error instanceof TransitionError) return undefined;
    throw error;
  }
}

function identity({ run, attempt }: Known): string {
  const isArchived = run.archivedAt !== null;
  return JSON.stringify([run.state, run.attempt, isArchived, attempt?.id, attempt?.state, attempt?.leaseId]);
}

/** On PostgreSQL a history takes ten times as long. */
const histories = { SQLite: 40, PostgreSQL: 3 };

for (const kind of storeKinds)
  describe(`whatever happens to runs, on ${kind}`, () => {
    let store: TemporaryStore;
    before(async () => {
      store = await temporaryStore(kind);
    });
    after(() => store?.remove());

    it('each has one outcome, its attempts are as many as allowed, and the counters are right', () =>
      fc.assert(
        fc.asyncProperty(steps, (history) =>
          undone(store, async (tx) => {
            const told = createHistory(tx);
            await told.submit(2);
            for (const step of history) {
              await told.happen(step);
              await told.check();
            }
          }),
        ),
        { numRuns: histories[kind] },
      ));
  });
