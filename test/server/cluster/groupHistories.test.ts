import { expect } from 'chai';
import fc from 'fast-check';
import type { HeldAttempt } from '../../../server/store/contract/runs.ts';
import { registeredStatements } from '../../../server/store/sql.ts';
import type { Reads, Store, Tx } from '../../../server/store/store.ts';
import type { Attempt, Run } from '../../../server/words/run.ts';
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
import { cancelRequested } from '../../../server/words/transitions/waiting.ts';
import { addJob, addRun, changeJob, nothingDone, temporaryStore } from '../store/temporaryStore.ts';
import type { TemporaryStore } from '../store/temporaryStore.ts';

/** What a work may do, in its order; `which` chooses among what is known. */
const deeds = fc.record({
  kind: fc.constantFrom(
    ...(['submit', 'submit', 'claim', 'claim', 'finish', 'finish', 'finish', 'own', 'cancel'] as const),
    ...([
      'look',
      'job',
      'change',
      'queue',
      'renew',
      'adopt',
      'progress',
      'beat',
      'list',
      'list',
      'due',
    ] as const),
  ),
  which: fc.nat(1000),
  end: fc.constantFrom('succeed', 'fail', 'retry', 'stop', 'lose', 'release'),
  slug: fc.constantFrom('free', 'one', 'lanes'),
});
type Deed = typeof deeds extends fc.Arbitrary<infer T> ? T : never;

const works = fc.record({
  deeds: fc.array(deeds, { minLength: 1, maxLength: 4 }),
  throws: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  goesLast: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});
type Work = typeof works extends fc.Arbitrary<infer T> ? T : never;

const definitions = { free: {}, one: { maxConcurrency: 1 }, lanes: { maxConcurrencyPerKey: 1 } } as const;

/** What everybody knows before the works of a group begin. */
interface World {
  now: number;
  runs: string[];
  held: HeldAttempt[];
}

interface Done {
  submitted: string[];
  claimed: HeldAttempt[];
  said: unknown[];
}

const id = (group: number, work: number, deed: number, part = 0): string =>
  `00000000-0000-7000-8000-${[group, work, deed, part].map((n) => n.toString(16).padStart(3, '0')).join('')}`;

function endOf({ end }: Deed, run: Run, attempt: Attempt, now: number): Change {
  const failure = { reason: 'engine_lost', error: 'gone' } as const;
  const ends: Record<Deed['end'], () => Change> = {
    succeed: () => succeeded(run, attempt, { images: [] }, nothingDone, now),
    fail: () => failed(run, attempt, { ...failure, reason: 'build_step_failed' }, nothingDone, plan, now),
    retry: () => failed(run, attempt, failure, nothingDone, plan, now),
    stop: () => canceled(run, attempt, 'stopped', nothingDone, now),
    lose: () => lost(run, attempt, null, now),
    release: () => released(run, attempt, nothingDone, now),
  };
  return ends[end]();
}

const plan = retryPlanOf({ retryStrategy: 'fixed', retryDelaysSecs: [1] }, 0);

async function begin(
  tx: Tx,
  deed: Deed,
  names: (part: number) => string,
  now: number,
): Promise<HeldAttempt[]> {
  const claim = { place: 'engine', engine: 'one', leaseId: names(1), leaseExpiresAt: now + 60_000 } as const;
  const taken = await tx.claimAttempts(claim, 1 + (deed.which % 3), now);
  for (const held of taken) await tx.applyHeld(held, started(held.run, now), '');
  return taken;
}

/** The same for every store: what it is told and asked depends on the world alone. */
function deedOn(tx: Tx, deed: Deed, { now, runs, held }: World, names: (part: number) => string) {
  const one = held[deed.which % Math.max(1, held.length)];
  const runId = runs[deed.which % Math.max(1, runs.length)];
  const jobOf = () => addJob(tx, { slug: deed.slug, definition: definitions[deed.slug] });
  const finish = async ({ attempt }: HeldAttempt) => {
    const known = await tx.heldAttempt(attempt);
    if (!known) return 'not held';
    await tx.applyHeld(known, endOf(deed, known.run, known.attempt, now), names(2));
    return known;
  };
  const todo: Record<Deed['kind'], (done: Done) => Promise<unknown>> = {
    async submit({ submitted }) {
      const lane = deed.slug === 'lanes' ? { concurrencyKey: `lane-${deed.which % 2}` } : {};
      const wish = { id: names(0), attemptId: names(1), job: await jobOf(), createdAt: now, ...lane };
      submitted.push((await addRun(tx, { ...wish, priority: deed.which % 2 })).id);
      return submitted;
    },
    async claim({ claimed }) {
      const taken = await begin(tx, deed, names, now);
      claimed.push(...taken);
      return taken;
    },
    finish: async () => one && finish(one),
    own: async ({ claimed }) => {
      const [own] = claimed.length > 0 ? claimed : await begin(tx, deed, names, now);
      return own && finish(own);
    },
    async cancel() {
      const run = runId === undefined ? undefined : await tx.run(runId);
      const attempt = run && (await tx.attempts(run.id)).at(-1);
      const change = run && cancelRequested(run, attempt, now);
      return run && change && tx.apply(run, change.attempt ? attempt : undefined, change, names(2));
    },
    look: async () => [one && (await tx.heldAttempt(one.attempt)), one && (await tx.attempt(one.attempt.id))],
    job: async () => [await tx.jobBySlug('acme', deed.slug), one && (await tx.job(one.run.jobId))],
    change: async () => {
      const max = { maxConcurrency: deed.which % 3 };
      return (await changeJob(tx, await jobOf(), max, now)).definition;
    },
    queue: async () => {
      const maxRunning = deed.which % 2 === 0 ? null : deed.which % 5;
      await tx.setQueue({ name: 'default', paused: deed.which % 7 === 0, maxRunning }, now);
    },
    renew: async () =>
      one && tx.renewLease(one.attempt.id, one.attempt.leaseId ?? '', now + 60_000 + deed.which),
    adopt: async () => {
      const attempt = one && (await tx.attempt(one.attempt.id));
      return attempt && tx.adoptAttempt(attempt, names(3), now + 60_000);
    },
    progress: async () => {
      const phases = [{ phase: 'clone', startedAt: now }] as const;
      const { id: attempt = '', leaseId = '' } = one?.attempt ?? {};
      return tx.recordProgress(attempt, leaseId ?? '', {
        phases: [...phases],
        phase: 'clone',
        commit: names(4),
      });
    },
    beat: async () => runId !== undefined && [await tx.run(runId), await tx.runStanding(runId)],
    list: async () => [await tx.runs({}, { limit: 20 }), await countsOf(tx)],
    due: () => tx.openDue(now, 100),
  };
  return todo[deed.kind];
}

async function carryOut(store: Store, all: readonly Work[], world: World, group: number) {
  const answers = await Promise.allSettled(
    all.map((work, index) => {
      const [first] = work.deeds;
      const about = world.held[(first?.which ?? 0) % Math.max(1, world.held.length)]?.attempt;
      const holds = first?.kind === 'finish' && about ? { holds: about } : {};
      return store.write(
        async (tx) => {
          const done: Done = { submitted: [], claimed: [], said: [] };
          for (const [number, deed] of work.deeds.entries())
            done.said.push(await deedOn(tx, deed, world, (part) => id(group, index, number, part))(done));
          if (work.throws) throw new Error('no good');
          return done;
        },
        { goesLast: work.goesLast, ...holds },
      );
    }),
  );
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : wrong(answer.reason)));
}

/** What is a mistake on one is the same mistake on the other. */
function wrong(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Told in no order. */
async function countsOf(reads: Reads): Promise<string[]> {
  const counts = [
    await reads.executionCounts(undefined),
    await reads.attemptEnds(),
    await reads.queueLoads(),
  ];
  return counts
    .flat()
    .map((count) => JSON.stringify(count))
    .toSorted();
}

/** Numbers of rows are not the same where one of the databases took some back. */
function bare(value: unknown): unknown {
  const text = JSON.stringify(value, (name, inner: unknown) =>
    ['key', 'line', 'versionId', 'origin', 'firstAttempt'].includes(name) ? undefined : inner,
  );
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

async function told(store: Store, world: World): Promise<unknown> {
  const { read } = store;
  const runs = await read.runs({}, { limit: 1000 });
  const attempts = await Promise.all(runs.map((run) => read.attempts(run.id)));
  const jobs = await Promise.all(Object.keys(definitions).map((slug) => read.jobBySlug('acme', slug)));
  const lists = [await countsOf(read), await read.runCounts(undefined)];
  const claimable = await read.claimable();
  return bare({ runs, attempts, jobs, lists, claimable, due: await read.nextDueAt(), world: world.runs });
}

describe('works that share a commit of PostgreSQL', () => {
  let plain: TemporaryStore;
  let shared: TemporaryStore;
  let groups = 0;
  const world: World = { now: 1_000_000, runs: [], held: [] };
  before(async () => {
    [plain, shared] = [await temporaryStore('SQLite'), await temporaryStore('PostgreSQL')];
    for (const store of [plain, shared]) await store.write((tx) => tx.ensureEngine('one', 1));
    for (const store of [plain, shared])
      for (const [index, [slug, definition]] of Object.entries(definitions).entries())
        await store.write((tx) => addJob(tx, { id: id(0, 0, index), slug, definition }));
  });
  after(async () => {
    await plain?.remove();
    await shared?.remove();
  });

  it('are answered, and leave the rows, as if each statement had been carried out when it was told', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(works, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 }),
        async (all) => {
          for (const group of all) {
            world.now += 700;
            groups++;
            const [one, other] = [
              await carryOut(plain, group, world, groups),
              await carryOut(shared, group, world, groups),
            ];
            expect(bare(other)).to.deep.equal(bare(one));
            for (const done of one) {
              if (typeof done === 'string') continue;
              world.runs.push(...done.submitted);
              world.held.push(...done.claimed);
            }
            world.held.splice(0, Math.max(0, world.held.length - 8));
          }
          expect(await told(shared, world)).to.deep.equal(await told(plain, world));
        },
      ),
      { numRuns: 12, endOnFailure: true },
    ));

  it('can tell by its first word what a statement does', () => {
    const others = registeredStatements().filter(
      ({ text }) => !/^(SELECT|(INSERT INTO|UPDATE|DELETE FROM) \w)/.test(text),
    );
    expect(others.map(({ text }) => text)).to.deep.equal([]);
  });

  it('know of whatever changes a job or what depends on it', () => {
    const about = /^(INSERT INTO|UPDATE|DELETE FROM) (jobs|job_versions|job_dependencies)\b/;
    const writing = registeredStatements().filter(({ text }) => about.test(text));
    expect(writing.length).to.be.greaterThan(10);
    for (const { text, looksAt } of writing) {
      expect(looksAt, text).to.equal(undefined);
      const [, , table = ''] = about.exec(text) ?? [];
      const standing = registeredStatements().filter(
        (one) => one.standsUntil && one.text.includes(`${table} `),
      );
      for (const { standsUntil } of standing)
        if (!/runs/.test(String(standsUntil))) expect(text).to.match(standsUntil ?? /^$/);
    }
  });
});
