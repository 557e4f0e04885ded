import { expect } from 'chai';
import type { Job } from '../../../server/words/job.ts';
import { onBothStores } from './bothStores.ts';
import { addJob, changeJob, type TemporaryStore } from './temporaryStore.ts';

onBothStores('jobs by their numbers', (open) => {
  let store: TemporaryStore;
  let jobs: Job[];
  before(async () => {
    store = await open();
    jobs = await store.write(async (tx) => {
      const made: Job[] = [];
      for (const [project, slug] of [
        ['acme', 'b'],
        ['beta', 'a'],
        ['acme', 'a'],
        ['acme', 'gone'],
      ] as const)
        made.push(await addJob(tx, { project, slug }));
      await tx.deleteJob(made[3]?.id ?? '', 5);
      return made;
    });
  });
  after(() => store.remove());

  it('come in the order of their numbers, of one project or of all, without those that were deleted', async () => {
    const keys = jobs.map(({ key }) => key);
    const rows = async (project: string | undefined, afterKey = 0, limit = 10) =>
      (await store.read.jobRows(project, { afterKey, limit })).map(({ key }) => key);
    expect(await rows(undefined)).to.deep.equal(keys.slice(0, 3));
    expect(await rows('acme')).to.deep.equal([keys[0], keys[2]]);
    expect(await rows('acme', keys[0])).to.deep.equal([keys[2]]);
    expect(await rows(undefined, 0, 2)).to.deep.equal(keys.slice(0, 2));
    expect(await rows('nobody')).to.deep.equal([]);
    const [row] = await store.read.jobRows('beta', { afterKey: 0, limit: 1 });
    expect(jobs[1]).to.deep.include(row);
  });

  it('are found with the number of their current version', async () => {
    const [job] = jobs;
    if (!job) throw new Error('there is no job');
    const first = await store.read.jobByKey(job.key);
    expect(first?.job).to.deep.equal(job);
    const changed = await store.write((tx) => changeJob(tx, job, { description: 'Another one.' }));
    const second = await store.read.jobByKey(job.key);
    expect(second?.job).to.deep.equal(changed);
    expect(second?.versionKey).to.be.greaterThan(first?.versionKey ?? Infinity);
    expect(await store.read.jobByKey(jobs[3]?.key ?? 0)).to.equal(undefined);
    expect(await store.read.jobByKey(2_147_483_647)).to.equal(undefined);
  });
});
