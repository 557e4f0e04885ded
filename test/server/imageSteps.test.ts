import { expect } from 'chai';
import { buildJob } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

describe('the steps of an attempt', () => {
  let world: World;

  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  it('are those of all its images', async () => {
    await createRepository(world.git, 'acme/two', {
      Bobfile: `
        container:
          - { name: app, project: app }
          - { name: worker, project: worker, Dockerfile: Dockerfile.worker }`,
      Dockerfile: 'FROM busybox\nRUN echo app\n',
      'Dockerfile.worker': 'FROM busybox\nRUN echo worker\nRUN echo more\n',
    });
    const { id } = await buildJob(world.server, { account: 'acme', repo: 'two', ref: 'main' });
    const response = await world.server.request(`/jobs/${id}/attempts`);
    const [attempt] = (await response.json()) as { steps: { image: string; instruction: string }[] }[];
    expect(attempt?.steps.map(({ image, instruction }) => `${image}: ${instruction}`)).to.have.members([
      'app: FROM busybox',
      'app: RUN echo app',
      'worker: FROM busybox',
      'worker: RUN echo worker',
      'worker: RUN echo more',
    ]);
  });
});
