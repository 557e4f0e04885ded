import { expect } from 'chai';
import { buildJob } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { type ContainerWorld, containerWorldOf, type Json } from './containerWorld.ts';

describe('a container job that runs what another job built', () => {
  let world: World;
  let containers: ContainerWorld;
  let registry: TestRegistry;
  before(async () => {
    [world, registry] = await Promise.all([openWorld(), startRegistry()]);
    containers = containerWorldOf(world.server, world.engine);
  });
  after(async () => {
    await world.close();
    await registry.close();
  });

  const said = async (run: Json) => (await containers.log(String(run['id']))).slice(1, -1);
  const container = (job: string) => ({ image: { job }, command: ['cat', '/said'] });

  it('takes its image from the engine that built it, and says so where it is not there', async () => {
    const Dockerfile = 'FROM busybox\nRUN echo one > /said\n';
    const { update } = await createRepository(world.git, 'acme/local', { Dockerfile });
    const build = () => buildJob(world.server, { account: 'acme', repo: 'local', ref: 'main' });
    await build();
    const job = await containers.job(container('local'));
    const run = async () => containers.ended(await containers.trigger(job));
    expect(await said(await run())).to.deep.equal(['one']);
    await update({ Dockerfile: Dockerfile.replace('one', 'two') });
    const { image } = await build();
    expect(await said(await run())).to.deep.equal(['two']);
    await world.engine.docker('rmi', '--force', image?.id ?? '');
    const last = await run();
    expect(last).to.include({ status: 'dead_letter' });
    expect((await said(last)).join()).to.equal('');
    const [line] = (await containers.log(String(last['id']))).slice(-1);
    expect(line).to.match(/^image_not_found: the engine default has not the image that acme\/local built: /);
  });

  it('pulls it where it was pushed', async () => {
    await createRepository(world.git, 'acme/pushed', { Dockerfile: 'FROM busybox\nRUN echo far > /said\n' });
    const source = { account: 'acme', repo: 'pushed' };
    const repository = `${registry.host}/acme/pushed`;
    const made = await world.server.request('/v1/jobs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        project_id: 'acme',
        slug: 'pushed',
        name: 'pushed',
        image: { source, repository },
      }),
    });
    expect(made.status).to.equal(201);
    const { status, image } = await buildJob(world.server, { account: 'acme', repo: 'pushed', ref: 'main' });
    expect(status).to.equal('completed');
    await world.engine.docker('rmi', '--force', image?.id ?? '');
    const run = await containers.done(container('pushed'));
    expect(run).to.include({ status: 'completed' });
    expect((await said(run)).at(-1)).to.equal('far');
  });
});
