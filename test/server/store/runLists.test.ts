import { expect } from 'chai';
import fc from 'fast-check';
import { type Phase, phases } from '../../../builder/model/spec.ts';
import type { RunFilter } from '../../../server/store/contract/runs.ts';
import type { Reads, Store, Tx } from '../../../server/store/store.ts';
import { isTerminal, type Run, type RunState, runStates } from '../../../server/words/run.ts';
import { archived } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, addRun, known, take, type TemporaryStore } from './temporaryStore.ts';

const pick = fc.constantFrom;

const filters: fc.Arbitrary<RunFilter> = fc.record(
  {
    project: pick('acme', 'other'),
    slug: pick('site', 'api'),
    ref: pick('main', 'v1'),
    bobfile: pick('', 'Bobfile'),
    states: fc.array(pick(...runStates), { maxLength: 4 }),
    phases: fc.array(pick(...phases), { maxLength: 2 }),
    archived: fc.boolean(),
  },
  { requiredKeys: [] },
);

function matches(run: Run, filter: RunFilter): boolean {
  const { states, phases: wanted } = filter;
  const same = (['project', 'slug', 'id', 'ref'] as const).every(
    (key) => (filter[key] ?? run[key]) === run[key],
  );
  if (!same || (filter.bobfile ?? run.request.bobfile ?? '') !== (run.request.bobfile ?? '')) return false;
  if (filter.archived !== undefined && filter.archived !== (run.archivedAt !== null)) return false;
  if (states && !states.includes(run.state)) return false;
  return !wanted || isIn(run, wanted);
}

/** What builds no image is in `build` as long as it runs. */
function isIn({ state, kind, phase }: Run, wanted: readonly Phase[]): boolean {
  const shown = kind === 'image' ? phase : 'build';
  return state === 'running' && shown !== null && wanted.includes(shown);
}

/** Runs of all kinds: each state, archived or not, in several jobs. */
async function fill(store: Store): Promise<void> {
  const random = fc.sample(
    fc.tuple(
      pick('acme', 'other'),
      pick('site', 'api'),
      pick('main', 'v1'),
      pick(undefined, 'Bobfile'),
      pick(...runStates),
    ),
    { numRuns: 150, seed: 7 },
  );
  await store.write(async (tx) => {
    for (const [index, [project, slug, ref, bobfile, state]] of random.entries()) {
      const job = await addJob(tx, { project, slug });
      const run = await addRun(tx, {
        job: index % 5 === 0 ? { ...job, kind: 'container' } : job,
        ref,
        request: bobfile ? { bobfile } : {},
        createdAt: index,
        ...(state === 'waiting' && { state }),
        ...(state === 'delayed' && { state, scheduledAt: index }),
      });
      await bring(tx, run, state, index);
    }
  });
}

async function bring(tx: Tx, run: Run, state: RunState, index: number): Promise<void> {
  if (state === run.state) return;
  if (state === 'running') {
    const { run: busy, attempt } = await known(take(tx));
    const progress = { phase: phases[index % 3] ?? 'push' };
    await tx.recordProgress(attempt.id, attempt.leaseId ?? '', progress);
    expect(busy.state).to.equal('running');
    return;
  }
  expect(isTerminal(state)).to.equal(true);
  const [attempt] = await tx.attempts(run.id);
  const change = {
    run: { state, completedAt: index },
    attempt: { state: 'canceled' as const, finishedAt: index },
  };
  expect(await tx.apply(run, attempt, change, uuid7())).to.equal(true);
  if (index % 2 === 0) return;
  const ended = await known(tx.run(run.id));
  await tx.apply(ended, undefined, archived(ended, index), uuid7());
}

async function everything(read: Reads): Promise<Run[]> {
  const all: Run[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await read.runs({}, { limit: 20, ...(last && { beforeKey: last.key }) });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

onBothStores('lists of runs', (open) => {
  let store: TemporaryStore;
  let all: Run[];
  before(async () => {
    store = await open();
    await fill(store);
    all = await everything(store.read);
  });
  after(() => store.remove());

  it('come whole, the newest first', () => {
    expect(all).to.have.length(150);
    expect(all.map(({ key }) => key)).to.deep.equal(Array.from({ length: 150 }, (_, index) => 150 - index));
    expect(new Set(all.map(({ state }) => state)).size).to.equal(runStates.length);
  });

  it('are what every filter asks for, page by page, and their number', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.nat(40), fc.option(fc.nat(160)), async (filter, limit, beforeKey) => {
        const wanted = all.filter((run) => matches(run, filter));
        expect(await store.read.countRuns(filter)).to.equal(wanted.length);
        const page = await store.read.runs(filter, { limit, ...(beforeKey !== null && { beforeKey }) });
        expect(page).to.deep.equal(wanted.filter(({ key }) => key < (beforeKey ?? Infinity)).slice(0, limit));
      }),
      { numRuns: 300 },
    );
  });

  it('find one run by its id, where the rest of the filter allows it', async () => {
    const run = all[3];
    if (!run) throw new Error('no run');
    const { id, project } = run;
    expect(await store.read.runs({ id, project }, { limit: 5 })).to.deep.equal([run]);
    expect(await store.read.countRuns({ id })).to.equal(1);
    expect(await store.read.runs({ id, project: 'nobody' }, { limit: 5 })).to.deep.equal([]);
  });
});
