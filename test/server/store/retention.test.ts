import { expect } from 'chai';
import { someImage } from '../../fixtures/image.ts';
import type { BuiltImage } from '../../../server/store/contract/retention.ts';
import { onBothStores } from './bothStores.ts';
import { builtRun, recorded } from './builtRun.ts';
import { addJob, addRun, known, newestAttempt, type TemporaryStore } from './temporaryStore.ts';

onBothStores('what retention asks of a store', (open) => {
  let store: TemporaryStore;

  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const made = (image: string, wish: Partial<BuiltImage> = {}): BuiltImage => ({
    engine: 'one',
    image,
    attemptId: 'a',
    jobId: 'j',
    names: [],
    isLayer: true,
    madeAt: 1,
    usedAt: 1,
    ...wish,
  });
  const remember = (...images: BuiltImage[]) => store.write((tx) => tx.rememberImages(images));

  it('remembers images by engine, and who used them last', async () => {
    await remember(made('000000000001'), made('000000000002'), made('000000000003', { engine: 'two' }));
    await remember(
      made('000000000001', { names: ['acme/app:1'], isLayer: false, attemptId: 'b', usedAt: 5 }),
    );
    await store.write((tx) =>
      tx.useImages(['000000000002', '000000000009'], {
        engine: 'one',
        attemptId: 'c',
        jobId: 'k',
        usedAt: 7,
      }),
    );
    const rest = { isNewest: false, engine: 'one', madeAt: 1, isLayer: true, runKey: null };
    expect(await store.read.builtImages('one')).to.have.deep.members([
      { ...rest, image: '000000000001', attemptId: 'b', jobId: 'j', names: ['acme/app:1'], usedAt: 5 },
      { ...rest, image: '000000000002', attemptId: 'c', jobId: 'k', names: [], usedAt: 7 },
    ]);
    await store.write((tx) => tx.forgetImages('one', ['000000000001', '000000000002']));
    expect(await store.read.builtImages('one')).to.deep.equal([]);
    expect(await store.read.builtImages('two')).to.have.length(1);
  });

  it('knows the newest image of each name and platform of a job', async () => {
    const image = (id: string, platform = 'linux/amd64') => recorded({ ...someImage, id, platform });
    const runs = [
      await builtRun(store, {}, [image('sha256:1')]),
      await builtRun(store, {}, [image('sha256:2', 'linux/arm64')]),
      await builtRun(store, {}, [image('sha256:3')]),
      await builtRun(store, {}, [image('sha256:3')]),
    ];
    const ids = [];
    for (const { runId } of runs) ids.push((await known(newestAttempt(store.read, runId))).id);
    await remember(...ids.map((attemptId, i) => made(`00000000000${i}`, { attemptId })));
    const found = await store.read.builtImages('one');
    const newest = ids.map((id) => found.find(({ attemptId }) => attemptId === id)?.isNewest);
    expect(newest).to.deep.equal([false, true, true, true]);
  });

  it('removes runs that ended with all that is kept of them, and no others', async () => {
    const { runId } = await builtRun(store, {}, [recorded(someImage)]);
    const { runId: other } = await builtRun(store, { parentRunId: runId }, [recorded(someImage)]);
    const queued = await store.write((tx) => addRun(tx, { parentRunId: other }));
    const { jobId } = queued;
    expect((await store.read.lastSuccesses(jobId)).map(({ id }) => id)).to.deep.equal([other, runId]);
    expect(await store.read.hasOpenChild(other)).to.equal(true);
    expect(await store.read.hasOpenChild(runId)).to.equal(false);
    expect(await store.write((tx) => tx.removeEndedRuns([runId, queued.id, 'nobody']))).to.equal(1);
    expect(await store.read.run(runId)).to.equal(undefined);
    expect(await store.read.run(queued.id)).to.deep.equal(queued);
    expect(await store.read.countRuns({})).to.equal(2);
    expect((await store.read.images({}, { limit: 9 })).map((image) => image.runId)).to.deep.equal([other]);
    expect(await store.read.lastSuccesses(jobId)).to.deep.equal([{ id: other, parentRunId: runId }]);
  });

  it('finds what is old in the order of its making, of its end, and of its job', async () => {
    const jobs = [];
    for (const slug of ['one', 'two']) jobs.push(await store.write((tx) => addJob(tx, { slug })));
    const ids: string[] = [];
    for (const [slug, endedAt] of [
      ['one', 3000],
      ['one', 2000],
      ['one', 1000],
      ['two', 2000],
    ] as const)
      ids.push((await builtRun(store, { slug }, [], endedAt)).runId);
    const idsOf = (runs: readonly { id: string }[]) => runs.map(({ id }) => ids.indexOf(id));
    const all = await store.read.runsByKey({ afterKey: 0, limit: 3 });
    expect(idsOf(all)).to.deep.equal([0, 1, 2]);
    expect(idsOf(await store.read.runsByKey({ afterKey: all[2]?.key ?? 0, limit: 3 }))).to.deep.equal([3]);

    const begin = { completedAt: 0, key: 0 };
    const first = await store.read.unarchivedRuns({ before: 3000, after: begin, limit: 2 });
    expect(idsOf(first)).to.deep.equal([2, 1]);
    const after = { completedAt: 2000, key: first[1]?.key ?? 0 };
    expect(idsOf(await store.read.unarchivedRuns({ before: 3000, after, limit: 2 }))).to.deep.equal([3]);

    expect(await store.read.crowdedJobs(1)).to.deep.equal([{ project: 'acme', slug: 'one' }]);
    const page = { newest: 1, afterKey: 0, limit: 9 };
    expect(idsOf(await store.read.endedRunsBut(jobs[0]?.id ?? '', page))).to.deep.equal([0, 1]);
    expect(await store.read.endedRunsBut(jobs[1]?.id ?? '', page)).to.deep.equal([]);
  });
});
