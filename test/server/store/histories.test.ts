import { expect } from 'chai';
import fc from 'fast-check';
import type { Reason } from '../../../builder/model/faults.ts';
import type { Store } from '../../../server/store/store.ts';
import { type Attempt, isTerminal, type Run, runStates } from '../../../server/words/run.ts';
import {
  archived,
  cancelRequested,
  canceled,
  type Change,
  failed,
  lost,
  released,
  succeeded,
  TransitionError,
} from '../../../server/words/transitions.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { addRun, nothingDone, take, type Taken, temporaryStore } from './temporaryStore.ts';

/** What may happen to a run and an attempt, as somebody knows them: perhaps from long ago. */
const events: Record<string, (known: Taken, now: number) => Change | undefined> = {
  succeed: ({ run, attempt }, now) => succeeded(run, attempt, { images: [] }, nothingDone, now),
  retry: ({ run, attempt }, now) => failed(run, attempt, failure('engine_lost'), nothingDone, now),
  fail: ({ run, attempt }, now) => failed(run, attempt, failure('build_step_failed'), nothingDone, now),
  timeOut: ({ run, attempt }, now) => failed(run, attempt, failure('timeout'), nothingDone, now),
  cancel: ({ run, attempt }, now) => cancelRequested(run, attempt, now),
  stop: ({ run, attempt }, now) => canceled(run, attempt, 'stopped', nothingDone, now),
  lose: ({ run, attempt }, now) => lost(run, attempt, null, now),
  release: ({ run, attempt }, now) => released(run, attempt, nothingDone, now),
  archive: ({ run }, now) => archived(run, now),
};

interface Step {
  event: string;
  /** Which of the known rows it is about; the newest where `late` is false. */
  which: number;
  late: boolean;
  priority: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    event: fc.constantFrom('submit', 'claim', 'claim', 'claim', ...Object.keys(events)),
    which: fc.nat(50),
    late: fc.boolean(),
    priority: fc.nat(2),
  }),
  { minLength: 10, maxLength: 60 },
);

function failure(reason: Reason) {
  return { reason, error: 'why' };
}

/** Lets things happen in a store by all that anybody ever knew of its rows, and checks what came of it. */
function createHistory(store: Store) {
  const seen: Taken[] = [];
  const ends = new Map<string, Run>();
  let now = 1_000_000;

  async function happen({ event, which, late, priority }: Step): Promise<void> {
    now += 2000;
    if (event === 'submit') return submit(priority);
    if (event === 'claim') return claim();
    const past = seen[which % Math.max(1, seen.length)];
    const known = past && (late ? past : await today(past.run.id));
    const change = known && changeOf(event, known, now);
    if (change) await apply(known, change);
  }

  async function submit(priority: number): Promise<void> {
    const wish = { priority, maxAttempts: 1 + priority, createdAt: now };
    const run = await store.write((tx) => addRun(tx, wish));
    seen.push(await today(run.id));
  }

  /** The attempt that comes first is the one that is taken, and nobody else holds it. */
  async function claim(): Promise<void> {
    const waiting = (await allAttempts()).filter((one) => one.state === 'queued' && one.availableAt <= now);
    const first = waiting.toSorted((a, b) => b.priority - a.priority || a.key - b.key)[0];
    const taken = await store.write((tx) => take(tx, now));
    expect(taken?.attempt.id).to.equal(first?.id);
    if (taken) seen.push(taken);
  }

  /** A change happens exactly where the rows still are what it was made from, else nothing at all does. */
  async function apply(known: Taken, change: Change): Promise<void> {
    const before = await today(known.run.id);
    const fresh = isSame(before, known);
    const attempt = change.attempt || known.attempt.state === 'running' ? known.attempt : undefined;
    const applied = await store.write((tx) => tx.apply(known.run, attempt, change, uuid7()));
    const after = await today(known.run.id);
    expect(applied, JSON.stringify({ known, before })).to.equal(fresh);
    if (!applied) expect(after).to.deep.equal(before);
    seen.push(after);
  }

  async function check(): Promise<void> {
    const runs = await store.read.runs({}, { limit: 1000 });
    for (const run of runs) await checkRun(run);
    for (const state of runStates)
      for (const isArchived of [true, false]) {
        const rows = runs.filter((run) => run.state === state && (run.archivedAt !== null) === isArchived);
        expect(await store.read.countRuns({ states: [state], archived: isArchived })).to.equal(rows.length);
      }
  }

  async function checkRun(run: Run): Promise<void> {
    const attempts = await store.read.attempts(run.id);
    expect(attempts.map(({ number }) => number)).to.deep.equal(attempts.map((_, index) => index + 1));
    expect(attempts).to.have.length(run.attempt);
    const open = attempts.filter(({ state }) => state === 'queued' || state === 'running');
    expect(open.map(({ state }) => state)).to.deep.equal(isTerminal(run.state) ? [] : [run.state]);
    expect(run.countedAttempts).to.equal(attempts.filter(({ state }) => state !== 'released').length);
    expect(run.countedAttempts).to.be.at.most(run.maxAttempts);
    expect(run.state === 'canceled').to.equal(run.reason === 'canceled');
    const end = ends.get(run.id) ?? run;
    // What has ended stays as it ended, but for its log.
    expect({ ...run, archivedAt: end.archivedAt }).to.deep.equal(end);
    if (isTerminal(run.state)) ends.set(run.id, run);
  }

  async function allAttempts(): Promise<Attempt[]> {
    const runs = await store.read.runs({}, { limit: 1000 });
    return (await Promise.all(runs.map(({ id }) => store.read.attempts(id)))).flat();
  }

  async function today(runId: string): Promise<Taken> {
    const [run, attempts] = [await store.read.run(runId), await store.read.attempts(runId)];
    const attempt = attempts.at(-1);
    if (!run || !attempt) throw new Error(`run ${runId} is gone`);
    return { run, attempt };
  }

  return { submit, happen, check };
}

/** Undefined where the transition is not one that such rows know. */
function changeOf(event: string, known: Taken, now: number): Change | undefined {
  try {
    return events[event]?.(known, now);
  } catch (error) {
    if (error instanceof TransitionError) return undefined;
    throw error;
  }
}

function isSame(one: Taken, other: Taken): boolean {
  return identity(one) === identity(other);
}

function identity({ run, attempt }: Taken): string {
  const isArchived = run.archivedAt !== null;
  return JSON.stringify([run.state, run.attempt, isArchived, attempt.id, attempt.state, attempt.leaseId]);
}

describe('whatever happens to runs', () => {
  it('each has one outcome, its attempts are as many as allowed, and the counters are right', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const store = await temporaryStore();
        try {
          const told = createHistory(store);
          await told.submit(2);
          for (const step of history) {
            await told.happen(step);
            await told.check();
          }
        } finally {
          await store.remove();
        }
      }),
      { numRuns: 40 },
    );
  });
});
