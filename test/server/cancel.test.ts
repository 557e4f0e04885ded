import { expect } from 'chai';
import { postJob, tailOf, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

describe('cancel and timeout', () => {
  let world: World;

  before(async () => {
    world = await openWorld({ env: { DOCKER_BUILDER_TIMEOUT: '8' } });
    const dockerfile = 'FROM busybox\nRUN trap "" TERM; echo begun; sleep 101\n';
    await createRepository(world.git, 'acme/slow', { Dockerfile: dockerfile }, { branch: 'main' });
  });
  after(() => world.close());

  const ours = () => world.engine.docker('ps', '--all', '--quiet', '--filter', 'ancestor=busybox');

  it('says canceled only when the RUN container is gone', async () => {
    const { id } = await postJob(world.server, { account: 'acme', repo: 'slow', ref: 'main' });
    await waitFor('the RUN to print', async () => /^begun$/m.test(await tailOf(world.server, id)));
    expect(await ours()).not.to.equal('');
    const response = await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(response.status).to.equal(202);
    expect(await untilEnded(world.server, id)).to.include({ status: 'canceled', reason: 'canceled' });
    expect(await ours()).to.equal('');
    expect(await tailOf(world.server, id, 1)).to.match(/canceled/);
  });

  it('ends an attempt that takes too long, and does not try it again', async () => {
    const { id } = await postJob(world.server, { account: 'acme', repo: 'slow', ref: 'main' });
    const job = await untilEnded(world.server, id);
    expect(job).to.include({ status: 'errored', reason: 'timeout' });
    expect(await ours()).to.equal('');
    const attempts = (await (await world.server.request(`/jobs/${id}/attempts`)).json()) as object[];
    expect(attempts).to.have.length(1);
    expect(attempts[0]).to.include({ state: 'timed_out' });
  });
});
