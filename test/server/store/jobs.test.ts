import { expect } from 'chai';
import type { Job, JobDefinition } from '../../../server/words/job.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { succeeded } from '../../../server/words/transitions/running.ts';
import { onBothStores } from './bothStores.ts';
import {
  addJob,
  addRun,
  changeJob,
  known,
  nothingDone,
  take,
  type TemporaryStore,
} from './temporaryStore.ts';

const result = {
  images: [{ id: 'i', tags: [], bytes: 1, layers: [], steps: [], platform: 'p', labels: {} }],
};

onBothStores('jobs in the store', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const add = (slug: string, definition: JobDefinition = {}, project = 'acme') =>
    store.write((tx) => addJob(tx, { project, slug, definition, now: 5 }));
  const namesOf = (jobs: readonly Job[]) => jobs.map(({ slug }) => slug);
  const change = (job: Job, slug: string, definition: JobDefinition = {}) =>
    store.write((tx) =>
      tx.changeJob(job, {
        versionId: `ver_${uuid7()}`,
        versionRowId: uuid7(),
        slug,
        definition,
        updatedBy: 'apikey:1',
        now: 9,
      }),
    );

  /** A run of the job from its insertion to its end. */
  async function ended(job: Job, createdAt = 1000): Promise<string> {
    return store.write(async (tx) => {
      await addRun(tx, { job, createdAt });
      const { run, attempt } = await known(take(tx, createdAt));
      await tx.setSecret(run.id, 'api_token', 'sealed');
      await tx.setOutput(run.id, '{}');
      await tx.insertImages(run, attempt.id, 'one', result.images, createdAt);
      const end = succeeded(run, attempt, result, nothingDone, createdAt + 1);
      expect(await tx.apply(run, attempt, end, '')).to.equal(true);
      return run.id;
    });
  }

  it('are made once for each project and slug, as version 1', async () => {
    const definition = { maxAttempts: 3, timeoutSecs: 10, tags: { team: 'web' } };
    const first = await add('site', definition);
    expect(first).to.deep.include({ project: 'acme', slug: 'site', kind: 'image', version: 1, definition });
    expect(first).to.deep.include({ enabled: true, paused: false, createdAt: 5, updatedAt: 5 });
    expect(await add('site', { timeoutSecs: 20 })).to.deep.equal(first);
    const names = { id: uuid7(), versionId: 'ver_b', versionRowId: uuid7(), project: 'acme', slug: 'site' };
    const again = { ...names, kind: 'http', enabled: true, definition: {}, createdBy: null, now: 6 } as const;
    expect(await store.write((tx) => tx.insertJob(again))).to.equal(undefined);
    expect(await store.read.job(first.id)).to.deep.equal(first);
    expect(await store.read.jobBySlug('acme', 'site')).to.deep.equal(first);
    expect(await store.read.jobBySlug('acme', 'other')).to.equal(undefined);
    const off = await store.write((tx) =>
      tx.insertJob({ ...again, slug: 'off', enabled: false, createdBy: 'apikey:1' }),
    );
    expect(off).to.deep.include({
      kind: 'http',
      enabled: false,
      createdBy: 'apikey:1',
      updatedBy: 'apikey:1',
    });
  });

  it('are found by a slug that several projects have', async () => {
    await add('site');
    expect(await store.read.jobsBySlug('site')).to.have.length(1);
    for (const project of ['other', 'third']) await add('site', {}, project);
    expect(await store.read.jobsBySlug('site')).to.have.length(2);
    expect(await store.read.jobsBySlug('none')).to.deep.equal([]);
  });

  it('are listed newest first, page by page, by slug and by tag', async () => {
    const [one] = [await add('one', { tags: { team: 'web', env: 'x' } }), await add('two')];
    const three = await add('three', { tags: { team: 'api' } });
    await add('four', {}, 'other');
    const project = 'acme';
    expect(namesOf(await store.read.jobs({ project }, { limit: 9 }))).to.deep.equal(['three', 'two', 'one']);
    const next = { beforeKey: three.key, limit: 1 };
    expect(namesOf(await store.read.jobs({ project }, next))).to.deep.equal(['two']);
    expect(await store.read.jobs({ project }, { createdBefore: 5, limit: 9 })).to.deep.equal([]);
    expect(await store.read.jobs({ project, slug: 'one' }, { limit: 9 })).to.deep.equal([one]);
    expect(await store.read.jobs({ project, slug: 'four' }, { limit: 9 })).to.deep.equal([]);
    const byTag = async (tag: { tagKey: string; tagValue?: string; slug?: string }) =>
      namesOf(await store.read.jobs({ project, ...tag }, { limit: 9 }));
    expect(await byTag({ tagKey: 'team' })).to.deep.equal(['three', 'one']);
    expect(await byTag({ tagKey: 'team', tagValue: 'web' })).to.deep.equal(['one']);
    expect(await byTag({ tagKey: 'team', tagValue: 'web', slug: 'three' })).to.deep.equal([]);
    expect(await byTag({ tagKey: 'toString' })).to.deep.equal([]);
    await change(one, 'one', { tags: { team: 'ops' } });
    expect(await byTag({ tagKey: 'team', tagValue: 'web' })).to.deep.equal([]);
    expect(await byTag({ tagKey: 'env' })).to.deep.equal([]);
    expect(await byTag({ tagKey: 'team', tagValue: 'ops' })).to.deep.equal(['one']);
  });

  it('get a version with every change, and keep the ones before', async () => {
    const first = await add('site', { timeoutSecs: 1 });
    const second = await store.write((tx) => changeJob(tx, first, { timeoutSecs: 2 }, 7));
    expect(second).to.deep.include({
      version: 2,
      updatedAt: 7,
      createdAt: 5,
      definition: { timeoutSecs: 2 },
    });
    const third = await change(second, 'page', { timeoutSecs: 3 });
    expect(third).to.deep.include({ version: 3, slug: 'page', updatedBy: 'apikey:1' });
    const older = await store.read.jobVersions(first.id, { limit: 9 });
    expect(older.map(({ version, slug }) => [version, slug])).to.deep.equal([
      [2, 'site'],
      [1, 'site'],
    ]);
    expect(await store.read.jobVersions(first.id, { limit: 1 })).to.deep.equal(older.slice(0, 1));
    expect(await store.read.jobVersions(first.id, { createdBefore: 7, limit: 9 })).to.deep.equal(
      older.slice(1),
    );
    expect(await store.read.jobVersion(first.id, first.versionId)).to.deep.equal(older[1]);
    expect(await store.read.jobVersionNumber(first.id, 3)).to.deep.include({ slug: 'page', createdAt: 9 });
    expect(await store.read.jobVersion(uuid7(), first.versionId)).to.equal(undefined);
  });

  it('are not changed from an older version, nor to a slug that is taken', async () => {
    const [site, other] = [await add('site'), await add('other')];
    await change(site, 'site');
    expect(await change(site, 'site')).to.equal('stale');
    expect(await change(other, 'site')).to.equal('slug_taken');
    expect(await store.read.job(other.id)).to.deep.equal(other);
    expect(await change({ ...other, id: uuid7() }, 'gone')).to.equal('stale');
  });

  it('take their runs and counters along to another slug', async () => {
    const site = await add('site');
    const done = await ended(site);
    await store.write((tx) => addRun(tx, { job: site }));
    const held = await known(store.write((tx) => take(tx)));
    await change(site, 'page');
    expect(await store.read.run(done)).to.deep.include({ slug: 'page' });
    const end = succeeded(held.run, held.attempt, null, nothingDone, 3000);
    expect(await store.write((tx) => tx.apply(held.run, held.attempt, end, ''))).to.equal(true);
    expect(await store.read.countRuns({ project: 'acme', slug: 'page', states: ['completed'] })).to.equal(2);
    expect(await store.read.countRuns({ slug: 'site' })).to.equal(0);
    expect(await store.read.runs({ slug: 'page' }, { limit: 9 })).to.have.length(2);
  });

  it('are switched off and on without a version', async () => {
    const [one, two] = [await add('one'), await add('two')];
    const switched = (job: Job): Job => ({ ...job, enabled: false, updatedAt: 8 });
    const ids = [one.id, uuid7(), two.id, one.id];
    const off = await store.write((tx) => tx.setJobFlags(ids, { enabled: false }, 8));
    expect(off).to.deep.equal([switched(one), switched(two)]);
    await store.write((tx) => tx.setJobFlags([one.id], { paused: true }, 9));
    const now = await store.read.job(one.id);
    expect(now).to.deep.equal({ ...one, enabled: false, paused: true, updatedAt: 9 });
  });

  it('go with all that is theirs, once nothing of them is left to do', async () => {
    const [site, other] = [await add('site', { tags: { a: 'b' } }), await add('other')];
    const link = { jobId: site.id, dependsOnJobId: other.id, condition: 'any', createdAt: 1 } as const;
    await store.write((tx) => tx.insertDependency({ ...link, id: uuid7() }));
    await store.write((tx) => tx.setSchedule(site.id, 77));
    const gone = [await ended(site), await ended(site)];
    const kept = await ended(other);
    await store.write((tx) => addRun(tx, { job: site, state: 'waiting' }));
    expect(await store.write((tx) => tx.deleteJob(site.id, 9))).to.equal(false);
    const [waiting] = await store.read.waitingRuns(site.id, { limit: 9 });
    const end = { run: { state: 'canceled', completedAt: 7 } } as const;
    await store.write(async (tx) => tx.apply(await known(tx.run(waiting?.id ?? '')), undefined, end, ''));
    expect(await store.write((tx) => tx.deleteJob(site.id, 9))).to.equal(true);
    const runs = await store.read.oldestRuns(site.id, 9);
    expect(runs.map(({ id }) => id)).to.deep.equal([...gone, waiting?.id]);
    expect(await store.read.deletedJobs(9)).to.deep.equal([site.id]);
    await store.write((tx) => tx.removeRuns(site.id, runs.at(-1)?.key ?? 0));
    await store.write((tx) => tx.forgetJob(site.id));
    expect(await store.read.deletedJobs(9)).to.deep.equal([]);
    expect(await store.read.job(site.id)).to.equal(undefined);
    expect(await store.read.run(gone[0] ?? '')).to.equal(undefined);
    expect(await store.read.countRuns({ slug: 'site' })).to.equal(0);
    expect(await store.read.dependents(other.id)).to.deep.equal([]);
    expect(await store.read.nextScheduleAt()).to.equal(undefined);
    expect(await store.read.run(kept)).to.deep.include({ state: 'completed' });
    expect(await store.write((tx) => tx.deleteJob(site.id, 9))).to.equal(false);
    expect(await add('site')).to.deep.include({ version: 1 });
  });

  it('that are deleted are nobody’s at once, while their runs go bit by bit', async () => {
    const old = await add('site', { tags: { a: 'b' } });
    const runs = [await ended(old), await ended(old), await ended(old)];
    expect(await store.write((tx) => tx.deleteJob(old.id, 9))).to.equal(true);
    expect(await store.read.job(old.id)).to.equal(undefined);
    expect(await store.read.jobBySlug('acme', 'site')).to.equal(undefined);
    expect(await store.read.jobsBySlug('site')).to.deep.equal([]);
    for (const filter of [{}, { tagKey: 'a' }, { tagKey: 'a', tagValue: 'b' }, { slug: 'site' }])
      expect(await store.read.jobs({ project: 'acme', ...filter }, { limit: 9 })).to.deep.equal([]);
    const fresh = await add('site');
    expect(fresh.id).to.not.equal(old.id);
    const kept = await ended(fresh);
    expect(await store.read.runs({ project: 'acme', slug: 'site' }, { limit: 9 })).to.have.length(1);
    expect(await store.read.countRuns({ slug: 'site' })).to.equal(4);
    const [, second] = await store.read.oldestRuns(old.id, 2);
    await store.write((tx) => tx.removeRuns(old.id, second?.key ?? 0));
    expect(await store.read.countRuns({ slug: 'site' })).to.equal(2);
    expect((await store.read.oldestRuns(old.id, 9)).map(({ id }) => id)).to.deep.equal(runs.slice(2));
    await store.write((tx) => tx.removeRuns(old.id, 2 ** 31 - 1));
    await store.write((tx) => tx.forgetJob(old.id));
    expect(await store.read.countRuns({ slug: 'site', states: ['completed'] })).to.equal(1);
    expect(await store.read.run(kept)).to.deep.include({ jobId: fresh.id });
    expect(await store.read.jobBySlug('acme', 'site')).to.deep.equal(fresh);
  });

  it('depend on others, each pair once', async () => {
    const [a, b, c] = [await add('a'), await add('b'), await add('c')];
    const link = (id: string, jobId: string, dependsOnJobId: string) =>
      store.write((tx) =>
        tx.insertDependency({ id, jobId, dependsOnJobId, condition: 'completed', createdAt: 3 }),
      );
    const [first, second] = [await link('one', a.id, b.id), await link('two', a.id, c.id)];
    expect(first).to.deep.include({ id: 'one', condition: 'completed', createdAt: 3 });
    expect(await link('three', a.id, b.id)).to.equal(undefined);
    expect(await store.read.dependencies(a.id)).to.deep.equal([second, first]);
    expect(await store.read.dependents(b.id)).to.deep.equal([first]);
    expect(await store.write((tx) => tx.deleteDependency(b.id, 'one'))).to.equal(false);
    expect(await store.write((tx) => tx.deleteDependency(a.id, 'one'))).to.equal(true);
    expect(await store.read.dependencies(a.id)).to.deep.equal([second]);
  });

  it('say with a tick what a run of theirs depends on now', async () => {
    const [a, b] = [await add('a'), await add('b')];
    await store.write(async (tx) => {
      for (const { id } of [a, b]) await tx.setSchedule(id, 50);
      await tx.setJobFlags([a.id], { enabled: false, paused: true }, 2);
      await changeJob(tx, a, {});
      await addRun(tx, { job: a, state: 'waiting' });
      const link = { id: 'link', jobId: b.id, dependsOnJobId: a.id, condition: 'any', createdAt: 3 } as const;
      await tx.insertDependency(link);
    });
    const ticks = await store.write((tx) => tx.dueTicks(50, 9));
    expect(ticks).to.deep.equal([
      { jobId: a.id, at: 50, version: 2, enabled: false, paused: true, depends: false, busy: true },
      { jobId: b.id, at: 50, version: 1, enabled: true, paused: false, depends: true, busy: false },
    ]);
  });

  it('tell which ticks come, some at a time', async () => {
    const ids = [];
    for (const slug of ['a', 'b', 'c']) ids.push((await add(slug)).id);
    const ticks = ids.map((jobId, index) => ({ jobId, at: index === 2 ? 60 : 50, isNew: true }));
    await store.write(async (tx) => {
      for (const { jobId, at } of ticks) await tx.setSchedule(jobId, at);
    });
    const coming = (after: { jobId: string; at: number } | undefined, until: number, limit: number) =>
      store.read.comingTicks(after ?? { jobId: '', at: 50 }, until, limit);
    expect(await coming(undefined, 60, 9)).to.deep.equal(ticks);
    expect(await coming(undefined, 59, 9)).to.deep.equal(ticks.slice(0, 2));
    expect(await coming(ticks[0], 60, 1)).to.deep.equal([ticks[1]]);
    expect(await coming(ticks[2], 99, 9)).to.deep.equal([]);
  });

  it('have one next tick each, which one of many takes', async () => {
    const [a, b] = [await add('a'), await add('b')];
    const write = store.write;
    await write((tx) => tx.setSchedule(a.id, 50));
    await write((tx) => tx.setSchedule(b.id, 40));
    expect(await store.read.nextScheduleAt()).to.equal(40);
    expect(await write((tx) => tx.dueTicks(39, 9))).to.deep.equal([]);
    const facts = { version: 1, enabled: true, paused: false, depends: false, busy: false };
    const due = [
      { jobId: b.id, at: 40, ...facts },
      { jobId: a.id, at: 50, ...facts },
    ];
    expect(await write((tx) => tx.dueTicks(50, 9))).to.deep.equal(due);
    expect(await write((tx) => tx.dueTicks(50, 1))).to.deep.equal(due.slice(0, 1));
    const advance = (id: string, from: number, to: number | null) =>
      write(async (tx) => tx.advanceSchedule(id, from, to));
    const refused = (work: Promise<void>) =>
      work.then(
        () => false,
        ({ message }: Error) => message,
      );
    await advance(b.id, 40, 100);
    expect(await refused(advance(b.id, 40, 200))).to.match(/changed 0 rows instead of 1/);
    await advance(a.id, 50, null);
    expect(await refused(advance(a.id, 50, null))).to.match(/changed 0 rows instead of 1/);
    expect(await store.read.nextScheduleAt()).to.equal(100);
    await write((tx) => tx.setSchedule(b.id, 300));
    expect(await store.read.nextScheduleAt()).to.equal(300);
    await write((tx) => tx.setSchedule(b.id, null));
    expect(await store.read.nextScheduleAt()).to.equal(undefined);
  });
});
