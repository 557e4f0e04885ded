import { expect } from 'chai';
import fc from 'fast-check';
import type { Tx } from '../../../server/store/store.ts';
import type { Job, JobDefinition } from '../../../server/words/job.ts';
import { isTerminal, placeFor } from '../../../server/words/run.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { failed, succeeded } from '../../../server/words/transitions/running.ts';
import { cancelRequested } from '../../../server/words/transitions/waiting.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { createModel, type ModelRun } from './limitsModel.ts';
import {
  addJob,
  addRun,
  changeJob,
  known,
  newestAttempt,
  nothingDone,
  storeKinds,
  take,
  type Taken,
  type TemporaryStore,
  temporaryStore,
} from './temporaryStore.ts';
import { undone } from './undone.ts';

const slugs = ['one', 'two', 'three'] as const;
const queues = ['default', 'other'] as const;
const keys = ['', 'a', 'b'] as const;

const definitions: fc.Arbitrary<JobDefinition> = fc.record(
  {
    maxConcurrency: fc.nat(3),
    maxConcurrencyPerKey: fc.nat(2),
    rateLimitKeys: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('mail', 'sms'),
        max: fc.integer({ min: 1, max: 3 }),
        windowSecs: fc.constantFrom(5, 60),
      }),
      { selector: ({ name }) => name, maxLength: 2 },
    ),
    supersedePolicy: fc.constantFrom('queue', 'round_robin'),
  },
  { requiredKeys: [] },
);

/** `which` chooses among what there is to choose from. */
const steps = fc.record({
  kind: fc.constantFrom(
    ...([
      'submit',
      'submit',
      'submit',
      'claim',
      'claim',
      'claim',
      'claim',
      'finish',
      'finish',
      'retry',
    ] as const),
    ...(['cancel', 'change', 'flag', 'queue', 'jump', 'part'] as const),
  ),
  which: fc.nat(1000),
  slug: fc.constantFrom(...slugs),
  queue: fc.constantFrom(...queues),
  key: fc.constantFrom(...keys),
  priority: fc.nat(1),
  definition: definitions,
  paused: fc.boolean(),
  maxRunning: fc.option(fc.nat(3)),
  ms: fc.integer({ min: 1, max: 9000 }),
});
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Does the same to the store and to the model. `backwards` lets the clock jump back, and then only limits are checked. */
async function createHistory(tx: Tx, backwards: boolean) {
  const model = createModel();
  const jobs = new Map<string, Job>();
  const held = new Map<string, Taken>();
  const parts: Taken[] = [];
  for (const slug of slugs) {
    jobs.set(slug, await addJob(tx, { slug, definition: {} }));
    model.jobs.set(slug, { slug, enabled: true, paused: false, definition: {} });
  }
  const jobOf = (slug: string): Job => {
    const job = jobs.get(slug);
    if (!job) throw new Error(`no job ${slug}`);
    return job;
  };
  const chosen = (state: ModelRun['state'], which: number) => {
    const found = [...model.runs.values()].filter((run) => run.state === state);
    return found[which % Math.max(1, found.length)];
  };

  const acts: Record<Step['kind'], (step: Step) => Promise<void>> = {
    async submit({ slug, key, queue, priority }) {
      const wish = { job: jobOf(slug), queue, priority, createdAt: model.now, maxAttempts: 99 };
      const run = await addRun(tx, { ...wish, ...(key !== '' && { concurrencyKey: key }) });
      const added = {
        id: run.id,
        slug,
        key,
        queue,
        priority,
        availableAt: model.now,
        state: 'queued',
      } as const;
      model.runs.set(run.id, added);
    },
    async claim({ which }) {
      // Without it a claim sees less than it could, never more.
      const isFresh = !backwards && which % 4 > 0;
      if (isFresh) await tx.openDue(model.now, 1000);
      const expected = model.next().map(({ id }) => id);
      const taken = await take(tx, model.now);
      if (taken) await begin(taken);
      if (isFresh && taken) expect(expected).to.include(taken.run.id);
      if (isFresh && !taken) expect(expected).to.deep.equal([]);
      if (isFresh && !taken) expect((await tx.nextDueAt()) ?? Infinity).to.be.at.most(model.nextByTime());
    },
    async finish({ which }) {
      const run = chosen('running', which);
      if (run) await end(run);
    },
    async retry({ which, ms }) {
      const run = chosen('running', which);
      const taken = run && held.get(run.id);
      if (!run || !taken) return;
      const plan = retryPlanOf({ retryStrategy: 'fixed', retryDelaysSecs: [ms / 1000] }, 0);
      const failure = { reason: 'engine_lost', error: 'gone' } as const;
      const change = failed(taken.run, taken.attempt, failure, nothingDone, plan, model.now);
      expect(await tx.apply(taken.run, taken.attempt, change, uuid7())).to.equal(true);
      run.state = 'queued';
      run.availableAt = change.next?.availableAt ?? 0;
    },
    async cancel({ which }) {
      const queued = chosen('queued', which);
      if (!queued) return;
      const run = await known(tx.run(queued.id));
      const attempt = await newestAttempt(tx, run.id);
      const change = cancelRequested(run, attempt, model.now) ?? { run: {} };
      expect(await tx.apply(run, attempt, change, '')).to.equal(true);
      model.end(queued);
    },
    async change({ slug, definition }) {
      await changeJob(tx, jobOf(slug), definition, model.now);
      const job = model.jobs.get(slug);
      if (job) job.definition = definition;
    },
    async flag({ slug, which, paused }) {
      const flags = which % 2 === 0 ? { paused } : { enabled: !paused };
      const { id } = jobOf(slug);
      await tx.setJobFlags([id], flags, model.now);
      Object.assign(model.jobs.get(slug) ?? {}, flags);
    },
    async queue({ queue, maxRunning, paused, which }) {
      const wish = which % 3 === 0 ? { paused, maxRunning } : { paused: false, maxRunning: null };
      await tx.setQueue({ name: queue, ...wish }, model.now);
      model.queues.set(queue, wish);
    },
    /** A child run begins whatever its job may, and no limit sees it. */
    async part({ slug, queue, which }) {
      if (which % 2 === 0) return endPart();
      const part = { image: 'site', platform: 'linux/arm64', ref: 'main' };
      const run = await addRun(tx, { job: jobOf(slug), queue, createdAt: model.now, request: { part } });
      const taken = await known(take(tx, model.now, placeFor(part.platform)));
      expect(taken.run.id).to.equal(run.id);
      parts.push(taken);
    },
    async jump({ ms, which }) {
      model.pass(backwards && which % 2 === 0 ? -20 * ms : 20 * ms);
    },
  };

  /** No limit was passed by what has just begun. */
  async function begin(taken: Taken): Promise<void> {
    const run = await known(Promise.resolve(model.runs.get(taken.run.id)));
    expect(run.state).to.equal('queued');
    expect(model.isHeld(run), 'held back by a limit').to.equal(false);
    expect(model.isWithinBudgets(run), 'within its budgets').to.equal(true);
    model.start(run);
    held.set(run.id, taken);
  }

  async function end(run: ModelRun): Promise<void> {
    const taken = await known(Promise.resolve(held.get(run.id)));
    const change = succeeded(taken.run, taken.attempt, null, nothingDone, model.now);
    expect(await tx.apply(taken.run, taken.attempt, change, '')).to.equal(true);
    model.end(run);
  }

  async function endPart(): Promise<void> {
    const taken = parts.shift();
    if (!taken) return;
    const change = succeeded(taken.run, taken.attempt, null, nothingDone, model.now);
    expect(await tx.apply(taken.run, taken.attempt, change, '')).to.equal(true);
  }

  /** Without limits from outside everything ends, as time goes by. */
  async function drain(): Promise<void> {
    for (const slug of slugs) {
      const { id } = jobOf(slug);
      await tx.setJobFlags([id], { paused: false, enabled: true }, model.now);
      Object.assign(model.jobs.get(slug) ?? {}, { paused: false, enabled: true });
    }
    for (const queue of queues) {
      await tx.setQueue({ name: queue, paused: false, maxRunning: null }, model.now);
      model.queues.delete(queue);
    }
    while (parts.length > 0) await endPart();
    for (let run = chosen('running', 0); run; run = chosen('running', 0)) await end(run);
    for (;;) {
      await tx.openDue(model.now, 1000);
      const taken = await take(tx, model.now);
      if (taken) await begin(taken);
      if (taken) await end(await known(Promise.resolve(model.runs.get(taken.run.id))));
      if (taken) continue;
      const next = await tx.nextDueAt();
      if (next === undefined) break;
      model.pass(Math.max(1, next - model.now));
    }
    const runs = await tx.runs({}, { limit: 1000 });
    expect(runs.filter(({ state }) => !isTerminal(state))).to.deep.equal([]);
    expect(runs).to.have.length(model.runs.size);
  }

  async function happen(step: Step): Promise<void> {
    model.pass(step.ms);
    await acts[step.kind](step);
  }

  return { happen, drain };
}

/** On PostgreSQL a history takes ten times as long. */
const histories = { SQLite: 25, PostgreSQL: 3 };

for (const kind of storeKinds)
  describe(`whatever happens in the queue, on ${kind}`, () => {
    let store: TemporaryStore;
    before(async () => {
      store = await temporaryStore(kind);
    });
    after(() => store?.remove());

    const endsWell = (history: readonly Step[], backwards: boolean) =>
      undone(store, async (tx) => {
        const told = await createHistory(tx, backwards);
        for (const step of history) await told.happen(step);
        await told.drain();
      });

    for (const backwards of [false, true])
      it(`no limit is passed and nothing is left behind${backwards ? ', also by a clock that jumps back' : ''}`, () =>
        fc.assert(
          fc.asyncProperty(fc.array(steps, { minLength: 30, maxLength: 60 }), (history) =>
            endsWell(history, backwards),
          ),
          {
            numRuns: histories[kind],
            plugins: [fc.interruptAfterTimeLimit(40_000, { failOnInterrupt: true })],
          },
        ));
  });
