import { expect } from 'chai';
import { refusal } from './refusal.ts';
import { addJob, type TemporaryStore, temporaryStore } from './temporaryStore.ts';

describe('what a store remembers of its jobs', () => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await temporaryStore('SQLite');
  });
  afterEach(() => store.remove());

  it('is what was committed last, by whatever way it is asked for', async () => {
    const { id } = await store.write((tx) => addJob(tx));
    for (const paused of [true, false, true]) {
      const before = await store.read.job(id);
      await store.write(async (tx) => {
        await tx.setJobFlags([id], { paused }, 2);
        expect(await store.read.job(id), 'not committed yet').to.deep.equal(before);
      });
      expect((await store.read.job(id))?.paused).to.equal(paused);
      expect((await store.read.jobBySlug('acme', 'site'))?.paused).to.equal(paused);
    }
    expect(await store.write((tx) => tx.deleteJob(id, 3))).to.equal(true);
    expect(await store.read.job(id)).to.equal(undefined);
    expect(await store.read.jobBySlug('acme', 'site')).to.equal(undefined);
  });

  it('is not what was undone', async () => {
    const { id } = await store.write((tx) => addJob(tx));
    const bad = store.write(async (tx) => {
      await tx.setJobFlags([id], { paused: true }, 2);
      throw new Error('no good');
    });
    expect(await refusal(bad)).to.equal('no good');
    expect((await store.read.job(id))?.paused).to.equal(false);
  });

  it('is as right for more jobs than it remembers', async () => {
    const slugs = Array.from({ length: 1100 }, (_, index) => `job${index}`);
    await store.write(async (tx) => {
      for (const slug of slugs) await addJob(tx, { slug });
    });
    for (const slug of [...slugs, 'none', ...slugs.slice(0, 3)])
      expect((await store.read.jobBySlug('acme', slug))?.slug).to.equal(slug === 'none' ? undefined : slug);
  });
});
