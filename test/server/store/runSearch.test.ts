import { expect } from 'chai';
import fc from 'fast-check';
import type { RunSearch } from '../../../server/store/contract/runs.ts';
import { registeredStatements } from '../../../server/store/sql.ts';
import type { Reads, Store, Tx } from '../../../server/store/store.ts';
import { isTerminal, type Run, runStates, triggers } from '../../../server/words/run.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, addRun, type TemporaryStore, temporaryStore } from './temporaryStore.ts';

const pick = fc.constantFrom;
const total = 120;
const parents = [uuid7(), uuid7()];

const keys = ['team', 'a"b', 'x_y', 'x%y', 'Team', 'back\\', '', 'ключ'];
const values = ['core', 'CORE', '","team":"core', '\\"', '100%', ''];
const members = fc.dictionary(pick(...keys), pick(...values), { maxKeys: 3 });
const wanted = fc.array(
  fc.record({ key: pick(...keys), value: pick(...values) }, { requiredKeys: ['key'] }),
  { maxLength: 2 },
);
const payloads = ['{"a":1,"b":[{"c":"x"},2]}', '{ "a": 2, "text": "50% of A" }', '[1,2]', '"a"'];

interface Shape {
  project: string;
  slug: string;
  state: (typeof runStates)[number];
  trigger: (typeof triggers)[number];
  batchId: string | undefined;
  parentRunId: string | undefined;
  tags: Record<string, string>;
  metadata: Record<string, string>;
  payload: string | undefined;
  reason: string | null;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  project: pick('acme', 'other'),
  slug: pick('site', 'api'),
  state: pick(...runStates.filter((state) => state !== 'running')),
  trigger: pick(...triggers),
  batchId: pick(undefined, 'one', 'two'),
  parentRunId: pick(undefined, ...parents),
  tags: members,
  metadata: members,
  payload: pick(undefined, ...payloads),
  reason: pick('timeout', 'expired', null),
});

async function insert(tx: Tx, shape: Shape, at: number): Promise<void> {
  const { project, slug, state, batchId, parentRunId, payload, ...rest } = shape;
  const run = await addRun(tx, {
    job: await addJob(tx, { project, slug }),
    createdAt: at,
    trigger: rest.trigger,
    tags: rest.tags,
    metadata: rest.metadata,
    ...(batchId !== undefined && { batchId }),
    ...(parentRunId !== undefined && { parentRunId }),
    ...(payload !== undefined && { payload, payloadHash: 'none' }),
    ...(state === 'waiting' && { state }),
    ...(state === 'delayed' && { state, scheduledAt: at }),
  });
  if (!isTerminal(state)) return;
  const [attempt] = await tx.attempts(run.id);
  const change = {
    run: { state, reason: rest.reason, completedAt: at },
    attempt: { state: 'canceled' as const, finishedAt: at },
  };
  expect(await tx.apply(run, attempt, change, uuid7())).to.equal(true);
}

async function fill(store: Store): Promise<void> {
  const random = fc.sample(shapes, { numRuns: total, seed: 11 });
  await store.write(async (tx) => {
    // The order of keys is not quite that of times.
    for (const [index, shape] of random.entries()) await insert(tx, shape, 1000 * index + 700 * (index % 2));
  });
}

const everything: fc.Arbitrary<Required<Omit<RunSearch, 'jobId'>>> = fc.record({
  project: pick('acme', 'other'),
  states: fc.uniqueArray(pick(...runStates), { maxLength: 3 }),
  triggers: fc.uniqueArray(pick(...triggers), { maxLength: 3 }),
  batchId: pick('one', 'two', 'three'),
  parentRunId: pick(...parents),
  tags: wanted,
  metadata: wanted,
  reasons: fc.uniqueArray(pick('timeout', 'expired', 'canceled'), { maxLength: 2 }),
  payloadContains: pick('"a"', '50% of A', '50% of a', 'nothing'),
  payloadMembers: pick({ a: 1 }, { b: [2] }, { b: [{ c: 'x' }] }, { a: '1' }, {}),
});

/** With up to three conditions, because hardly anything fits more. */
const searches: fc.Arbitrary<RunSearch> = everything.chain((search) =>
  fc.subarray(Object.entries(search), { maxLength: 3 }).map((some): RunSearch => Object.fromEntries(some)),
);

const isOne = <T>(list: readonly T[] | undefined, actual: T | null): boolean =>
  list === undefined || list.some((value) => value === actual);
const isSame = <T>(value: T | undefined, actual: T | null): boolean =>
  isOne(value === undefined ? undefined : [value], actual);
const has = (list: RunSearch['tags'], actual: Record<string, string>): boolean =>
  (list ?? []).every(({ key, value }) => key in actual && isSame(value, actual[key] ?? null));

const fitting: Record<string, readonly string[]> = {
  '{"a":1}': payloads.slice(0, 1),
  '{"b":[2]}': payloads.slice(0, 1),
  '{"b":[{"c":"x"}]}': payloads.slice(0, 1),
  '{"a":"1"}': [],
  '{}': payloads.slice(0, 2),
};

function matches(run: Run, payload: string | null, search: RunSearch): boolean {
  return [
    isSame(search.project, run.project),
    isSame(search.jobId, run.jobId),
    isSame(search.batchId, run.batchId),
    isSame(search.parentRunId, run.parentRunId),
    isOne(search.states, run.state),
    isOne(search.triggers, run.trigger),
    isOne(search.reasons, run.reason),
    has(search.tags, run.tags),
    has(search.metadata, run.metadata),
    payloadMatches(payload ?? '', search),
  ].every(Boolean);
}

function payloadMatches(payload: string, { payloadContains = '', payloadMembers }: RunSearch): boolean {
  const isRight = payloadMembers === undefined || fitting[JSON.stringify(payloadMembers)]?.includes(payload);
  return payload.includes(payloadContains) && isRight === true;
}

onBothStores('a search of runs', (open) => {
  let store: TemporaryStore;
  let read: Reads;
  let all: Run[];
  let bodies: (string | null)[];
  before(async () => {
    store = await open();
    ({ read } = store);
    await fill(store);
    ({ runs: all } = await read.searchRuns({}, { limit: 1000 }));
    bodies = (await read.runBodies(all.map(({ id }) => id))).map(({ payload }) => payload);
  });
  after(() => store.remove());

  it('without any condition gives all, newest first', () => {
    expect(all.map(({ key }) => key)).to.deep.equal(Array.from({ length: total }, (_, at) => total - at));
    expect(new Set(all.map(({ state }) => state)).size).to.equal(runStates.length - 1);
  });

  it('gives what every search asks for, page by page', async () => {
    const jobs = [...new Set(all.map(({ jobId }) => jobId)), uuid7()];
    const page = fc.record({ limit: fc.integer({ min: 1, max: 40 }), before: fc.option(fc.nat(total + 10)) });
    const job = fc.option(fc.constantFrom(...jobs), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(searches, job, page, async (wish, jobId, { limit, before }) => {
        const search = { ...wish, ...(jobId !== undefined && { jobId }) };
        const found = await read.searchRuns(search, { limit, ...(before !== null && { beforeKey: before }) });
        const right = all.filter(
          (run, at) => run.key < (before ?? Infinity) && matches(run, bodies[at] ?? null, search),
        );
        expect(found).to.deep.equal({ runs: right.slice(0, limit) });
      }),
      { numRuns: 300 },
    );
  });

  it('begins at a time, though keys and times are in slightly different order', async () => {
    for (const createdBefore of [-5, 0, 1, 40_000, 40_701, 77_777, 1_000_000]) {
      const { runs } = await read.searchRuns({ project: 'acme' }, { limit: 1000, createdBefore });
      const right = all.filter((run) => run.project === 'acme' && run.createdAt < createdBefore);
      expect(runs.map(({ key }) => key)).to.deep.equal(right.map(({ key }) => key));
    }
  });
});

describe('a search of runs that hardly any fits', () => {
  let store: TemporaryStore;
  const many = 4100;
  before(async () => {
    store = await temporaryStore();
    await store.write(async (tx) => {
      const job = await addJob(tx);
      for (let at = 0; at < many; at++)
        await addRun(tx, { job, createdAt: at, payload: at === 0 ? '"needle"' : '{}', payloadHash: 'none' });
    });
  });
  after(() => store.remove());

  it('stops after a while and says where to go on', async () => {
    const search = { project: 'acme', payloadContains: 'needle' };
    const first = await store.read.searchRuns(search, { limit: 5 });
    expect(first).to.deep.equal({ runs: [], stoppedAt: many - 4000 + 1 });
    const both = await store.read.searchRuns({ ...search, states: ['queued', 'waiting'] }, { limit: 5 });
    expect(both).to.deep.equal({ runs: [], stoppedAt: many - 2000 + 1 });
    const rest = await store.read.searchRuns(search, { limit: 5, beforeKey: first.stoppedAt ?? 0 });
    expect(rest.runs.map(({ key }) => key)).to.deep.equal([1]);
    expect(rest.stoppedAt).to.equal(undefined);
  });

  it('never reads more than it may along an index', async () => {
    const { runs, stoppedAt } = await store.read.searchRuns(
      { project: 'acme', tags: [{ key: 'none' }] },
      { limit: 5 },
    );
    expect([runs, stoppedAt]).to.deep.equal([[], undefined]);
    const texts = registeredStatements().map(({ text }) => text);
    const windows = texts.filter((text) => text.includes('COALESCE(parent_run_id'));
    expect(windows).to.have.length(8);
    for (const text of windows) expect(text).to.match(/key >= \$\d+ AND key <= \$\d+/);
  });
});
