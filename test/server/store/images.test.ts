import { expect } from 'chai';
import type { NewImage } from '../../../server/store/contract/images.ts';
import type { Job } from '../../../server/words/job.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { someImage } from '../../fixtures/image.ts';
import { onBothStores } from './bothStores.ts';
import { builtRun, recorded } from './builtRun.ts';
import { addJob, type TemporaryStore } from './temporaryStore.ts';

const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;

onBothStores('images', (open) => {
  let store: TemporaryStore;
  let job: Job;
  let other: Job;
  beforeEach(async () => {
    store = await open();
    job = await store.write((tx) => addJob(tx));
    other = await store.write((tx) => addJob(tx, { id: uuid7(), project: 'other' }));
  });
  afterEach(() => store.remove());

  const build = (of: Job, images: NewImage[], now = 1000) => builtRun(store, { job: of }, images, now);
  const keysOf = async (...args: Parameters<TemporaryStore['read']['images']>) =>
    (await store.read.images(...args)).map(({ key }) => key);
  const all = { limit: 10 };

  it('are shown with all that was known of them, and without what is kept apart', async () => {
    const image: NewImage = {
      ...someImage,
      id: digestOf('a'),
      tags: ['quay.io/acme/site:1', 'quay.io/acme/site:latest'],
      pushed: [{ repository: 'quay.io/acme/site', tags: ['1', 'latest'], digest: digestOf('b') }],
      base: { name: 'busybox', digest: digestOf('c') },
      builder: 'classic',
      durationMs: 1500,
      steps: [true, false, true].map((cached, i) => {
        return { number: i + 1, total: 3, instruction: 'RUN true', cached, startedAt: 1 };
      }),
      recipe: { dockerfile: 'Dockerfile', context: '', images: ['busybox'] },
    };
    const { runId, kept } = await build(job, [recorded(image)]);
    const { recipe: _inTheRecord, ...rest } = image;
    expect(kept).to.deep.equal([{ ...rest, key: 1 }]);
    const { layers: _layers, labels: _labels, steps: _steps, ...named } = rest;
    const shown = {
      ...named,
      key: 1,
      project: 'acme',
      jobId: job.id,
      slug: 'site',
      runId,
      engine: 'one',
      stepCount: 3,
      cachedSteps: 2,
      builtAt: 1000,
    };
    expect(await store.read.images({}, all)).to.deep.equal([shown]);
    expect(await store.read.image(1)).to.deep.equal(shown);
    expect(await store.read.image(2)).to.equal(undefined);
    expect(JSON.parse((await store.read.provenance(1)) ?? '')).to.deep.equal(recorded(image).provenance);
    expect(await store.read.provenance(2)).to.equal(undefined);
    expect((await store.read.run(runId))?.result?.images).to.deep.equal(kept);
  });

  it('are compared with the last one of the same name, platform and job', async () => {
    const image = (name: string, bytes: number, more: Partial<NewImage> = {}): NewImage => {
      return { ...someImage, name, bytes, ...more };
    };
    const first = await build(job, [image('a', 10, { durationMs: 500 }), image('b', 7), image('b', 70)]);
    expect(first.kept.map(({ difference }) => difference)).to.deep.equal([undefined, undefined, undefined]);
    await build(other, [image('a', 99)]);
    const arm = image('a', 5, { platform: 'linux/arm64' });
    const second = await build(job, [image('a', 8, { durationMs: 700 }), image('b', 7), arm, image('c', 1)]);
    expect(second.kept.map(({ difference }) => difference)).to.deep.equal([
      { bytes: -2, durationMs: 200, to: 1 },
      { bytes: -63, to: 3 },
      undefined,
      undefined,
    ]);
    const third = await build(job, [image('a', 8)]);
    expect(third.kept[0]?.difference).to.deep.equal({ bytes: 0, to: 5 });
    expect((await store.read.image(9))?.difference).to.deep.equal({ bytes: 0, to: 5 });
  });

  it('are called as the job where the build gave them no name', async () => {
    const { name: _name, ...nameless } = someImage;
    expect((await build(job, [nameless])).kept[0]?.name).to.equal('site');
  });

  it('are found by project, job and run, newest first, page by page', async () => {
    const runs = [];
    for (const [i, of] of [job, other, job, job].entries()) runs.push(await build(of, [someImage], 1000 + i));
    expect(await keysOf({}, all)).to.deep.equal([4, 3, 2, 1]);
    expect(await keysOf({ of: { project: 'acme' } }, all)).to.deep.equal([4, 3, 1]);
    expect(await keysOf({ of: { project: 'nobody' } }, all)).to.deep.equal([]);
    expect(await keysOf({ of: { jobId: other.id, project: 'other' } }, all)).to.deep.equal([2]);
    expect(await keysOf({ of: { runId: runs[2]?.runId ?? '' } }, all)).to.deep.equal([3]);
    expect(await keysOf({}, { limit: 2 })).to.deep.equal([4, 3]);
    expect(await keysOf({}, { limit: 2, beforeKey: 3 })).to.deep.equal([2, 1]);
    expect(await keysOf({ of: { project: 'acme' } }, { limit: 9, beforeKey: 4 })).to.deep.equal([3, 1]);
    expect(await keysOf({}, { limit: 9, createdBefore: 1002 })).to.deep.equal([2, 1]);
    expect(await keysOf({}, { limit: 9, createdBefore: 1000 })).to.deep.equal([]);
  });

  it('are found by what they are called anywhere, and by all conditions together', async () => {
    const image = (letter: string, tag: string, digest: string): NewImage => {
      const pushed = [{ repository: 'quay.io/acme/site', tags: [tag], digest: digestOf(digest) }];
      return { ...someImage, id: digestOf(letter), tags: [`quay.io/acme/site:${tag}`], pushed };
    };
    const { runId } = await build(job, [image('a', '1', 'd')]);
    await build(other, [image('b', '1', 'd')]);
    await build(job, [image('c', '2', 'd'), { ...image('c', '1', 'e'), name: 'second' }]);
    const by = (references: string[], of?: Parameters<typeof keysOf>[0]['of']) =>
      keysOf({ references, ...(of && { of }) }, all);
    const one = 'quay.io/acme/site:1';
    expect(await by([digestOf('a')])).to.deep.equal([1]);
    expect(await by([digestOf('c')])).to.deep.equal([4, 3]);
    expect(await by([digestOf('d')])).to.deep.equal([3, 2, 1]);
    expect(await by([one])).to.deep.equal([4, 2, 1]);
    expect(await by([one, digestOf('d')])).to.deep.equal([2, 1]);
    expect(await by([one], { project: 'acme' })).to.deep.equal([4, 1]);
    expect(await by([one, digestOf('d')], { project: 'acme' })).to.deep.equal([1]);
    expect(await by([one], { jobId: job.id, project: 'acme' })).to.deep.equal([4, 1]);
    expect(await by([digestOf('d'), one], { jobId: other.id, project: 'other' })).to.deep.equal([2]);
    expect(await by([one], { runId })).to.deep.equal([1]);
    expect(await by([one, digestOf('e')], { runId })).to.deep.equal([]);
    expect(await keysOf({ references: [digestOf('d')] }, { limit: 1, beforeKey: 3 })).to.deep.equal([2]);
    expect(await keysOf({ references: [digestOf('f')] }, all)).to.deep.equal([]);
  });

  it('go with the runs of a job, and bear its new name', async () => {
    await build(job, [someImage]);
    await build(other, [someImage]);
    const names = { versionId: `ver_${uuid7()}`, versionRowId: uuid7(), slug: 'renamed' };
    await store.write((tx) => tx.changeJob(job, { ...names, definition: {}, updatedBy: null, now: 2000 }));
    expect((await store.read.image(1))?.slug).to.equal('renamed');
    const [last] = await store.read.oldestRuns(job.id, 1);
    await store.write((tx) => tx.removeRuns(job.id, last?.key ?? 0));
    expect(await keysOf({ references: ['sha256:1'] }, all)).to.deep.equal([2]);
    expect(await keysOf({}, all)).to.deep.equal([2]);
  });
});
