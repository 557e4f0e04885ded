import { expect } from 'chai';
import { cancel } from '../../../server/room/cancel.ts';
import { claim, type Claimed } from '../../../server/room/claim.ts';
import { childRun } from '../../../server/room/platforms/childRun.ts';
import { replay } from '../../../server/room/runs/replay.ts';
import type { JobDefinition } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { onBothStores } from '../store/bothStores.ts';
import { changeJob, known, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, refusal, type Workshop } from './workshop.ts';

const image = { source: { account: 'acme', repo: 'site' }, dockerfile: 'Dockerfile' };
const commit = 'c'.repeat(40);
const arm = 'linux/arm64';

onBothStores('a child run', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  /** A run that is being built, and asks for a part of it. */
  async function parentOf(definition: JobDefinition = {}) {
    const job = await shop.job({ image, ...definition });
    await shop.trigger(job, { ref: 'main' });
    const parent = await known(shop.take('engine'));
    return { job, parent, child: await ask(parent) };
  }

  const ask = (held: Claimed, platform = arm): Promise<Run> =>
    childRun(shop.room, held, {
      part: { image: 'site', platform, ref: held.run.ref },
      commit,
      branch: 'main',
      token: undefined,
    });

  /** Claims for an engine of one platform. */
  async function takeFor(platform: string, partsOnly = false): Promise<Claimed | undefined> {
    const fits = (one: string): boolean => one === platform;
    return (await claim(shop.room, { place: 'engine', engine: 'two', fits, partsOnly }, 1))[0];
  }

  it('goes to an engine for its platform only, and before what has not begun', async () => {
    const { job, child } = await parentOf();
    const later = await shop.trigger(job, { ref: 'main', priority: 10 });
    expect(await takeFor('linux/amd64', true)).to.equal(undefined);
    expect((await known(takeFor(arm))).run.id).to.equal(child.id);
    expect((await known(takeFor(arm))).run.id).to.equal(later.id);
  });

  it('is held back by no limit, and takes nothing from others', async () => {
    const limits: JobDefinition = {
      maxConcurrency: 1,
      maxConcurrencyPerKey: 1,
      rateLimitKeys: [{ name: 'starts', max: 1, windowSecs: 3600 }],
      rateLimitMax: 2,
      rateLimitWindowSecs: 3600,
      supersedePolicy: 'cancel_in_progress',
      versionPolicy: 'latest',
    };
    const { job, parent, child } = await parentOf(limits);
    await store.write(async (tx) => {
      await changeJob(tx, job, { image, ...limits, rateLimitKeys: [] }, shop.now());
      await tx.setJobFlags([job.id], { paused: true }, shop.now());
    });
    const held = await known(takeFor(arm));
    expect(held.run).to.include({ id: child.id, jobVersion: 1 });
    await store.write((tx) => tx.setJobFlags([job.id], { paused: false }, shop.now()));
    // The second trigger of two; and the next to run, though the child still does.
    const next = await shop.trigger(job, { ref: 'other' });
    await shop.end(parent);
    expect((await known(takeFor(arm))).run.id).to.equal(next.id);
  });

  it('is neither listed nor counted, and its end releases nobody', async () => {
    const { job, parent, child } = await parentOf();
    const dependent = await shop.job();
    await shop.dependency(dependent, job);
    const waiting = await shop.trigger(dependent);
    await shop.end(await known(takeFor(arm)));
    expect(await shop.state(child)).to.equal('completed');
    expect(await shop.state(waiting)).to.equal('waiting');
    const project = { project: shop.project, slug: job.slug };
    const listed = await store.read.runs(project, { limit: 10 });
    expect(listed.map(({ id }) => id)).to.deep.equal([parent.run.id]);
    expect(await store.read.countRuns(project)).to.equal(1);
    expect(await store.read.runs({ id: child.id }, { limit: 10 })).to.have.length(1);
    expect((await store.read.jobStats(job.id, 0, shop.now())).byState).to.deep.equal({});
    await shop.end(parent);
    expect(await shop.state(waiting)).to.equal('queued');
  });

  it('is found again by a later attempt, unless it failed', async () => {
    const { parent, child } = await parentOf();
    await shop.end(parent, 'lost');
    const again = await known(shop.take('engine'));
    expect((await ask(again)).id).to.equal(child.id);
    expect((await ask(again, 'linux/s390x')).id).not.to.equal(child.id);
    await shop.end(await known(takeFor(arm)), 'build_step_failed');
    expect(await shop.state(child)).to.equal('dead_letter');
    expect((await ask(again)).id).not.to.equal(child.id);
  });

  it('stops with its parent, and is made for nobody who lost the right to it', async () => {
    const { parent, child } = await parentOf();
    await cancel(shop.room, parent.run.id);
    expect(await shop.state(child)).to.equal('canceled');
    expect(await ask(parent).catch((error: unknown) => error)).to.include({ reason: 'canceled' });
    await shop.end(parent, 'canceled');
    expect(await ask(parent).catch((error: unknown) => error)).to.include({ reason: 'lost' });
  });

  it('is told to stop when its parent fails', async () => {
    const { parent, child } = await parentOf();
    await known(takeFor(arm));
    await shop.end(parent, 'build_step_failed');
    expect(shop.interrupted).to.deep.equal([child.id]);
  });

  it('cannot be replayed by itself', async () => {
    const { child } = await parentOf();
    await shop.end(await known(takeFor(arm)), 'build_step_failed');
    expect(await refusal(replay(shop.room, child.id))).to.include({ code: 'bad_request' });
  });
});
