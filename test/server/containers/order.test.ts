import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { ImageResult } from '../../../builder/model/spec.ts';
import { findImage } from '../../../server/room/containers/image.ts';
import { retriesOf } from '../../../server/room/containers/retries.ts';
import { type ContainerRules, containerSpec } from '../../../server/room/containers/spec.ts';
import type { ContainerDefinition, Job } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { builtRun } from '../store/builtRun.ts';
import {
  addJob,
  addRun,
  known,
  type RunWish,
  type TemporaryStore,
  temporaryStore,
} from '../store/temporaryStore.ts';

const id = (digit: string) => `sha256:${digit.repeat(64)}`;
const mark = { store: 'store', attempt: 'attempt' };

function faultOf(work: () => unknown): BuildFault {
  try {
    work();
  } catch (error) {
    if (error instanceof BuildFault) return error;
  }
  throw new Error('it did not fail as it should');
}

describe('what is asked of an engine for a container', () => {
  const of = (container: Partial<ContainerDefinition>, rules: Partial<ContainerRules> = {}) =>
    containerSpec({ image: 'busybox', ...container }, mark, {
      engine: {},
      buildMemoryBytes: undefined,
      buildCpus: undefined,
      ...rules,
    });

  it('has what is safe where the job says nothing', () => {
    expect(of({})).to.deep.equal({
      mark,
      pull: 'missing',
      env: {},
      readOnly: false,
      tmpfs: {},
      limits: { pids: 512 },
      stopGraceMs: 10_000,
    });
  });

  it('has the least of all limits', () => {
    const container = { memoryBytes: 30, cpus: 3, pidsLimit: 7, stopGraceSecs: 2 };
    const rules = { buildMemoryBytes: 20, buildCpus: 4, engine: { memoryBytes: 25, cpus: 2 } };
    expect(of(container, rules)).to.deep.include({
      limits: { memoryBytes: 20, cpus: 2, pids: 7 },
      stopGraceMs: 2000,
    });
  });

  it('has the network of its wish, at most the one that the engine’s settings allow, and never the machine’s', () => {
    const networks = (wish: string | undefined) =>
      [undefined, 'default', 'none', 'fenced', 'host'].map(
        (network) =>
          of({ ...(wish !== undefined && { network: wish }) }, { engine: network ? { network } : {} })
            .network,
      );
    expect(networks(undefined)).to.deep.equal([undefined, undefined, 'none', 'fenced', undefined]);
    expect(networks('bridge')).to.deep.equal([undefined, undefined, 'none', 'fenced', undefined]);
    expect(networks('none')).to.deep.equal(['none', 'none', 'none', 'none', 'none']);
    expect(networks('db')).to.deep.equal(['db', undefined, 'none', 'fenced', 'db']);
    for (const network of ['host', 'HOST', 'container:other'])
      expect(faultOf(() => of({ network }))).to.include({ reason: 'container_invalid' });
  });
});

describe('the image of a container job', () => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await temporaryStore();
  });
  afterEach(() => store.remove());

  const image = (digit: string, more: Partial<ImageResult> = {}): ImageResult => ({
    name: 'app',
    id: id(digit),
    tags: ['docker.io/acme/app:1'],
    bytes: 1,
    layers: [],
    steps: [],
    platform: 'linux/amd64',
    labels: {},
    ...more,
  });
  const pushed = (digit: string): Partial<ImageResult> => ({
    pushed: [{ repository: 'quay.io/acme/app', tags: ['1'], digest: id(digit) }],
  });

  async function containerJob(wanted: ContainerDefinition['image'], slug = 'report'): Promise<Job> {
    const definition = { container: { image: wanted } };
    return store.write((tx) => addJob(tx, { slug, kind: 'container', definition }));
  }

  const built = (images: ImageResult[], wish: RunWish = {}) =>
    builtRun(store, { slug: 'app', ...wish }, images);
  const runOf = (job: Job, wish: RunWish = {}): Promise<Run> =>
    store.write((tx) => addRun(tx, { job, state: 'waiting', ...wish }));
  const nameFor = async (job: Job, wish: RunWish = {}) =>
    (await findImage(store.read, job, await runOf(job, wish))).name;
  const whyNot = async (job: Job, wish: RunWish = {}) => {
    const fault: unknown = await nameFor(job, wish).catch((error: unknown) => error);
    if (!(fault instanceof BuildFault)) throw new Error(`it is ${String(fault)}`);
    expect(fault.reason).to.equal('image_not_found');
    return fault.message;
  };

  it('follows the revision of its project where a tag names it', async () => {
    const images = ['busybox', 'localhost:5000/acme/app:1', `app@${id('a')}`, id('a'), 'a'.repeat(64)];
    const names = async () =>
      Promise.all(images.map(async (one) => nameFor(await containerJob(one, one.replaceAll(/\W/g, '-')))));
    // A name without a tag could be the beginning of an id.
    const asTheyAre = ['busybox:latest', ...images.slice(1)];
    expect(await names()).to.deep.equal(asTheyAre);
    await store.write((tx) => tx.lockRevision('acme', 'v2'));
    expect(await names()).to.deep.equal([
      'busybox:v2',
      'localhost:5000/acme/app:v2',
      `app@${id('a')}`,
      id('a'),
      'a'.repeat(64),
    ]);
    await store.write((tx) => tx.lockRevision('acme', null));
    expect(await names()).to.deep.equal(asTheyAre);
  });

  it('is the newest that another job built, by its digest where it was pushed', async () => {
    const job = await containerJob({ job: 'app' });
    expect(await whyNot(job)).to.equal('there is no job acme/app');
    await built([image('a')]);
    expect(await nameFor(job)).to.equal(id('a'));
    await built([image('b', pushed('c'))]);
    expect(await nameFor(job)).to.equal(`quay.io/acme/app@${id('c')}`);
    await store.write((tx) => tx.lockRevision('acme', 'v2'));
    expect(await nameFor(job)).to.equal(`quay.io/acme/app@${id('c')}`);
  });

  it('is of the job’s own project, and of an image job that has built something', async () => {
    const job = await containerJob({ job: 'app' });
    await store.write((tx) => addJob(tx, { project: 'other', slug: 'app' }));
    expect(await whyNot(job)).to.equal('there is no job acme/app');
    await store.write((tx) => addJob(tx, { slug: 'app' }));
    expect(await whyNot(job)).to.contain('acme/app has built no image yet');
    expect(await whyNot(await containerJob({ job: 'report' }, 'other'))).to.contain('is no image job');
  });

  it('is the one called like its job where a build makes several', async () => {
    const job = await containerJob({ job: 'app' });
    await built([image('a', { name: 'base' }), image('b'), image('c', { name: 'docs' })]);
    expect(await nameFor(job)).to.equal(id('b'));
    await built([image('a', { name: 'base' }), image('c', { name: 'docs' })]);
    expect(await whyNot(job)).to.contain('built several images (base, docs), and none is called app');
  });

  it('is what the run waited for where both have a key, and nobody’s proposal where they have none', async () => {
    const job = await containerJob({ job: 'app' });
    await built([image('a')], { idempotencyKey: 'one', ref: 'refs/pull/1/head' });
    await built([image('b')], { metadata: { dependency_key: 'two' } });
    await built([image('c')]);
    await built([image('d')], { ref: 'refs/pull/2/head' });
    const keyed = await runOf(job, { idempotencyKey: 'one' });
    expect((await findImage(store.read, job, keyed)).name).to.equal(id('c'));
    const other = await known(store.read.jobBySlug('acme', 'app'));
    await store.write((tx) =>
      tx.insertDependency({
        id: uuid7(),
        jobId: job.id,
        dependsOnJobId: other.id,
        condition: 'completed',
        createdAt: 1,
      }),
    );
    const proposed = await findImage(store.read, job, keyed);
    expect(proposed.name).to.equal(id('a'));
    expect(proposed.built?.run.ref).to.equal('refs/pull/1/head');
    expect(await nameFor(job, { metadata: { dependency_key: 'two' } })).to.equal(id('b'));
    expect(await nameFor(job)).to.equal(id('c'));
    expect(await whyNot(job, { idempotencyKey: 'three' })).to.contain('has the same key as this run');
  });
});

describe('how often a run was tried', () => {
  let store: TemporaryStore;
  before(async () => {
    store = await temporaryStore();
  });
  after(() => store.remove());

  it('counts what the server and what clients tried before it, whichever run they named', async () => {
    const run = (wish: RunWish = {}) => store.write((tx) => addRun(tx, { state: 'waiting', ...wish }));
    const retry = (of: Run) => run({ trigger: 'retry', parentRunId: of.id });
    const first = await run();
    const tried = { ...first, countedAttempts: 3 };
    const second = await retry(first);
    const third = await retry(second);
    const fourth = await retry(first);
    const other = await run({ trigger: 'api', parentRunId: first.id });
    const counts = [];
    for (const one of [first, tried, second, third, fourth, { ...fourth, countedAttempts: 2 }])
      counts.push(await retriesOf(store.read, one));
    expect(counts).to.deep.equal([0, 2, 1, 2, 3, 4].map((count) => ({ originalId: first.id, count })));
    expect(await retriesOf(store.read, other)).to.deep.equal({ originalId: other.id, count: 0 });
    const orphan = { ...second, parentRunId: 'gone' };
    expect(await retriesOf(store.read, orphan)).to.deep.equal({ originalId: 'gone', count: 1 });
  });
});
