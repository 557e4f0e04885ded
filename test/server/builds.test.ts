import { expect } from 'chai';
import { buildJob, type JobView, tailOf } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

describe('builds', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  async function build(files: Record<string, string>, more: object = {}, repo = 'app'): Promise<JobView> {
    await createRepository(world.git, `acme/${repo}`, files, { branch: 'main' });
    return buildJob(world.server, { account: 'acme', repo, ref: 'main', ...more });
  }

  const failing: [string, Record<string, string>, object, string][] = [
    ['no Dockerfile', { 'README.md': 'x' }, {}, 'dockerfile_missing'],
    ['an empty Dockerfile', { Dockerfile: '\n# nothing\n' }, {}, 'dockerfile_invalid'],
    ['a Dockerfile that is none', { Dockerfile: 'FROM busybox\nFLY away\n' }, {}, 'dockerfile_invalid'],
    ['a registry that is not there', { Dockerfile: 'FROM 127.0.0.1:9/none\n' }, {}, 'registry_unreachable'],
    ['an unknown branch', { Dockerfile: 'FROM busybox\n' }, { ref: 'nothing' }, 'ref_not_found'],
  ];
  for (const [index, [what, files, more, reason]] of failing.entries())
    it(`says ${reason} for ${what}`, async () => {
      const job = await build(files, more, `failing${index}`);
      expect(job).to.include({ status: 'errored', reason });
      expect(job.error).to.be.a('string').and.not.equal('');
      expect(job.completed).not.to.match(/^0001/);
    });

  it('says source_not_found for an unknown repository', async () => {
    const job = await buildJob(world.server, { account: 'acme', repo: 'nothing', ref: 'main' });
    expect(job).to.include({ status: 'errored', reason: 'source_not_found' });
  });

  it('says which step failed and with what exit code', async () => {
    const job = await build(
      { Dockerfile: 'FROM busybox\nRUN echo "so it \\"goes\\"" >&2; exit 7\n' },
      {},
      'exit7',
    );
    expect(job).to.include({ status: 'errored', reason: 'build_step_failed' });
    const attempts = (await (await world.server.request(`/jobs/${job.id}/attempts`)).json()) as Record<
      string,
      unknown
    >[];
    expect(attempts).to.have.length(1);
    expect(attempts[0]).to.include({ state: 'failed', exit_code: 7 });
    expect(await tailOf(world.server, job.id)).to.contain('so it "goes"');
  });

  it('answers a sync request with the end of the job', async () => {
    await createRepository(
      world.git,
      'acme/sync',
      { Dockerfile: 'FROM busybox\nRUN true\n' },
      { branch: 'main' },
    );
    await createRepository(
      world.git,
      'acme/syncfail',
      { Dockerfile: 'FROM busybox\nRUN false\n' },
      { branch: 'main' },
    );
    const post = (repo: string) =>
      world.server.request('/jobs', {
        method: 'POST',
        body: JSON.stringify({ account: 'acme', repo, ref: 'main', sync: true }),
      });
    const done = await post('sync');
    expect(done.status).to.equal(201);
    expect(await done.json()).to.include({ status: 'completed' });
    const failed = await post('syncfail');
    expect(failed.status).to.equal(417);
    expect(await failed.json())
      .to.include({ status: 'errored', reason: 'build_step_failed' })
      .and.have.property('error');
  });

  it('labels and tags the image, with names made valid', async () => {
    await createRepository(
      world.git,
      'Acme/My.App',
      { Dockerfile: 'FROM busybox\n' },
      { branch: 'Feature/X' },
    );
    const job = await buildJob(world.server, { account: 'Acme', repo: 'My.App', ref: 'Feature/X' });
    expect(job.status, job.error).to.equal('completed');
    const short = job.commit?.slice(0, 7) ?? '';
    expect(job.image?.tags).to.have.members([`acme/my.app:${short}`, 'acme/my.app:Feature-X']);
    expect(job.image?.labels).to.include({
      'org.opencontainers.image.revision': job.commit,
      'org.opencontainers.image.source': `${world.git.url}/Acme/My.App.git`,
    });
  });

  it('builds what a Bobfile says, and gives the wish back', async () => {
    const job = await build(
      {
        'docker/Dockerfile': 'FROM busybox\n',
        'ci/Bobfile':
          '[[container]]\nname = "site"\nDockerfile = "docker/Dockerfile"\ntags = ["v{{ branch }}"]\n',
      },
      { bobfile: 'ci/Bobfile' },
      'bob',
    );
    expect(job.status, job.error).to.equal('completed');
    expect(job).to.include({ bobfile: 'ci/Bobfile' });
    expect(job.image?.tags).to.deep.equal(['acme/site:vmain']);
  });

  it('uses the cache the second time and says so for each step', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo cached\nCOPY a /a\n', a: '1' };
    const first = await build(files, {}, 'cached');
    const second = await buildJob(world.server, { account: 'acme', repo: 'cached', ref: 'main' });
    expect(second.status).to.equal('completed');
    expect(second.image?.steps.slice(1, 3).map(({ cached }) => cached)).to.deep.equal([true, true]);
    expect(first.image?.steps.slice(1, 3).map(({ cached }) => cached)).to.deep.equal([false, false]);
  });
});
