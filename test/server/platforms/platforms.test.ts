import { expect } from 'chai';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { getJob, type JobView, tailOf, untilEnded, untilStatus } from '../../fixtures/jobs.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openTwoEngines, type PartView, type TwoEngines } from './twoEngines.ts';

const both = ['linux/amd64', 'linux/arm64'];

describe('an image for several platforms', () => {
  let world: TwoEngines;
  let gate: Gate;
  before(async () => {
    world = await openTwoEngines();
    gate = await openGate(world.engine);
  });
  // Then a run begins on the first engine.
  beforeEach(() => world.idle());
  after(async () => {
    await gate?.close();
    await world?.close();
  });

  const entry = (name: string, more: object = {}) => ({
    name,
    registry: `${world.registry.host}/team`,
    project: name,
    tags: ['latest'],
    platforms: both,
    ...more,
  });
  const bobfile = (...container: object[]) => JSON.stringify({ container });
  /** A step that goes on at once on one engine, and waits for a door on the other. */
  const waitingOn = (arm: boolean, door: string): string =>
    `FROM busybox\nRUN ${arm ? '[ ! -e /arm ]' : '[ -e /arm ]'} || ${gate.pass(door)}\n`;
  const partsOf = ({ image }: JobView): PartView[] =>
    (image as unknown as { platforms: PartView[] }).platforms;
  const onlyChild = async (id: string): Promise<string> => {
    const [child, ...others] = await world.children(id);
    expect(others).to.deep.equal([]);
    return child?.id ?? '';
  };

  it('is built by an engine for each and pushed as one list', async () => {
    const { id } = await world.post({
      Bobfile: bobfile(entry('app')),
      Dockerfile: 'FROM busybox\nENV HI=1\n',
    });
    const job = await untilEnded(world.server, id);
    expect(job.status, `${job.error} ${await tailOf(world.server, id)}`).to.equal('completed');

    const { body, digest } = await world.manifest('team/app', 'latest');
    const parts = partsOf(job);
    expect(
      body.manifests?.map(({ platform: { os, architecture } }) => `${os}/${architecture}`),
    ).to.deep.equal(both);
    expect(body.manifests?.map((one) => one.digest)).to.deep.equal(parts.map((one) => one.digest));
    expect((job.image as unknown as { pushed: object[] }).pushed).to.deep.equal([
      { repository: `${world.registry.host}/team/app`, tags: ['latest'], digest },
    ]);
    expect((await world.manifest('team/app', 'latest-linux-arm64')).digest).to.equal(parts[1]?.digest);

    const child = await onlyChild(id);
    expect(await world.enginesOf(id)).to.deep.equal(['amd']);
    expect(await world.enginesOf(child)).to.deep.equal(['arm']);
    const partTag = `${world.registry.host}/team/app:latest-linux-arm64`;
    expect((await getJob(world.server, child)).image?.tags).to.deep.equal([partTag]);
    expect(await tailOf(world.server, id)).to.contain(`linux/arm64 is built by run ${child}: /jobs/${child}`);
    const listed = (await (await world.server.request('/jobs')).json()) as object;
    expect(listed).to.have.property(id);
    expect(listed).not.to.have.property(child);
  });

  it('may be FROM another one of the same build', async () => {
    const registry = world.registry.host;
    const { id } = await world.post({
      Bobfile: bobfile(entry('base', { Dockerfile: 'base/Dockerfile' }), entry('on-base')),
      'base/Dockerfile': 'FROM busybox\nRUN [ -e /arm ] && echo arm > /base || echo amd > /base\n',
      Dockerfile: `FROM ${registry}/team/base\nRUN [ -e /arm ] && grep arm /base || grep amd /base\n`,
    });
    const job = await untilEnded(world.server, id);
    expect(job.status, `${job.error} ${await tailOf(world.server, id)}`).to.equal('completed');
    expect(partsOf(job).map(({ platform }) => platform)).to.deep.equal(both);
    expect(await world.children(id)).to.have.length(2);
  });

  const refused: [what: string, more: object, reason: string, sentence: RegExp][] = [
    [
      'a platform that nobody serves',
      { platforms: [...both, 'linux/s390x'] },
      'platform_unavailable',
      /linux\/s390x/,
    ],
    ['no registry', { registry: '' }, 'build_invalid', /registry/],
    ['no push', { skip_push: true }, 'build_invalid', /must be pushed/],
  ];
  for (const [what, more, reason, sentence] of refused)
    it(`with ${what} fails before anything is built`, async () => {
      const { id } = await world.post({ Bobfile: bobfile(entry('app', more)), Dockerfile: 'FROM busybox\n' });
      const job = await untilEnded(world.server, id);
      expect(job).to.include({ status: 'errored', reason });
      expect(job.error).to.match(sentence);
      expect(await world.children(id)).to.deep.equal([]);
    });

  it('fails as one of its platforms does, and says where its log is', async () => {
    const { id } = await world.post({
      Bobfile: bobfile(entry('bad')),
      Dockerfile: 'FROM busybox\nRUN [ ! -e /arm ]\n',
    });
    const job = await untilEnded(world.server, id);
    const child = await onlyChild(id);
    expect(job).to.include({ status: 'errored', reason: 'build_step_failed' });
    expect(job.error).to.contain('linux/arm64: ').and.contain(child);
    expect(await tailOf(world.server, id)).to.contain(`/jobs/${child}/log`);
    expect(await getJob(world.server, child)).to.include({ status: 'errored', reason: 'build_step_failed' });
  });

  it('is not waited for any more when its own platform fails', async () => {
    const { id } = await world.post({
      Bobfile: bobfile(entry('half')),
      Dockerfile: `FROM busybox\nRUN [ -e /arm ] || exit 3\nRUN ${gate.pass('half')}\n`,
    });
    expect(await untilEnded(world.server, id)).to.include({ status: 'errored', reason: 'build_step_failed' });
    expect(await untilEnded(world.server, await onlyChild(id))).to.include({ status: 'canceled' });
  });

  it('is canceled with all its parts', async () => {
    const { id } = await world.post({ Bobfile: bobfile(entry('stop')), Dockerfile: waitingOn(true, 'stop') });
    await waitFor('the other engine to build', () => gate.reached('stop'));
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(await untilStatus(world.server, id, ['canceled', 'errored', 'completed'])).to.include({
      status: 'canceled',
    });
    expect(await getJob(world.server, await onlyChild(id))).to.include({ status: 'canceled' });
    expect(await world.arm.docker('ps', '-q')).to.equal('');
  });

  it('finds after a crash of the server what was built before', async () => {
    const { id } = await world.post({
      Bobfile: bobfile(entry('again')),
      Dockerfile: waitingOn(false, 'again'),
    });
    const child = await waitFor('the other engine to be done', async () => {
      const [one] = await world.children(id);
      return one?.status === 'completed' && gate.reached('again') ? one.id : undefined;
    });
    await world.server.restart();
    gate.open('again');
    const job = await untilEnded(world.server, id);
    expect(job.status, job.error).to.equal('completed');
    expect(await world.enginesOf(child)).to.deep.equal(['arm']);
    // Where the other engine took it this time, the first platform is a child's, too.
    const images = (await world.children(id)).map(async (one) => (await getJob(world.server, one.id)).image);
    const tags = (await Promise.all(images)).flatMap((image) => image?.tags ?? []);
    expect(tags.filter((tag) => tag.endsWith('-linux-arm64'))).to.have.length(1);
  });

  it('gives its place back while it waits', async () => {
    const files = (name: string) => ({ Bobfile: bobfile(entry(name)), Dockerfile: waitingOn(true, 'place') });
    const [first, second] = [await world.post(files('one')), await world.post(files('two'))];
    // The second is on the other engine, and its child where the first one waits.
    await waitFor('the child of the second', async () => {
      const [child] = await world.children(second.id);
      return child?.status === 'completed';
    });
    expect(await getJob(world.server, first.id)).to.include({ status: 'building' });
    gate.open('place');
    for (const { id } of [first, second])
      expect(await untilEnded(world.server, id)).to.include({ status: 'completed' });
  });

  it('does not wait for another one for ever, each on the engine that the other needs', async () => {
    const files = {
      Bobfile: bobfile(entry('first', { tags: ['{{ sha }}'] }), entry('second', { tags: ['{{ sha }}'] })),
      Dockerfile: 'FROM busybox\nENV BOTH=1\n',
    };
    const jobs = await Promise.all([1, 2].map(() => world.post(files)));
    const ended = await Promise.all(jobs.map(({ id }) => untilEnded(world.server, id)));
    expect(ended.map(({ status }) => status)).to.deep.equal(['completed', 'completed']);
    const engines = await Promise.all(jobs.map(({ id }) => world.enginesOf(id)));
    expect(engines.flat()).to.have.members(['amd', 'arm']);
  });
});
