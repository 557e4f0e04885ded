import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { isProposal } from '../../builder/model/gitRef.ts';
import { buildJob, type JobView, tailOf, untilEnded } from '../fixtures/jobs.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { createRepository, type Repository } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const hookSecret = 'the secret of the webhook';
const password = 'robot-pass-90be';
const npm = 'npm_9c1d7e3b5f2a';
const proposalRefs = ['refs/pull/1/head', 'refs/pull/1/merge', 'refs/changes/01/1/1'];

/** Field.md row 8: anybody may propose a change, and gets a build of it, and nothing else. */
describe('attack: a proposed change', () => {
  let world: World;
  let registry: TestRegistry;
  let repository: Repository;
  /** What the stranger wrote. */
  let proposed: string;

  before(async () => {
    registry = await startRegistry({ users: { robot: password } });
    const settings = {
      registries: [{ host: registry.host, username: 'robot', password: 'env:ROBOT_PASSWORD' }],
      secrets: [{ name: 'npm', value: 'env:NPM', projects: ['*'] }],
    };
    const env = { ROBOT_PASSWORD: password, NPM: npm, DOCKER_BUILDER_GITHUBSECRET: hookSecret };
    world = await openWorld({ settings, env });
    repository = await createRepository(world.git, 'acme/app', {
      Bobfile: JSON.stringify({
        container: [
          {
            name: 'base',
            registry: `${registry.host}/team`,
            project: 'base',
            tags: ['latest'],
            builder: 'buildkit',
            cache: { inline: true, to: [`${registry.host}/team/cache:latest`] },
          },
          { name: 'local', Dockerfile: 'local.Dockerfile', tags: ['latest'] },
        ],
      }),
      Dockerfile: 'FROM busybox\nLABEL by=owner\nRUN true\n',
      'local.Dockerfile': 'FROM busybox\nLABEL by=owner\n',
    });
    proposed = await repository.update(
      {
        Bobfile: '[[container]]\nname = "x"\nbuilder = "buildkit"\nsecrets = ["secret:npm"]\n',
        Dockerfile: 'FROM busybox\nLABEL by=stranger\nRUN true\n',
        'local.Dockerfile': 'FROM busybox\nLABEL by=stranger\n',
      },
      { branch: 'topic' },
    );
    await repository.branch('topic', repository.commit);
    for (const ref of proposalRefs) await repository.ref(ref, proposed);
  });
  after(async () => {
    await world.close();
    await registry.close();
  });

  const build = (ref: string, more: object = {}): Promise<JobView> =>
    buildJob(world.server, { account: 'acme', repo: 'app', ref, ...more });
  const labelOf = (image: string) =>
    world.engine.docker('image', 'inspect', '--format', '{{ index .Config.Labels "by" }}', image);

  it('never takes the place of an image that others are made FROM', async () => {
    const real = await build('main');
    expect(real.status, real.error).to.equal('completed');
    const names = [`${registry.host}/team/base:latest`, 'acme/local:latest'];
    for (const name of names) expect(await labelOf(name)).to.equal('owner');
    const digest = await digestOf('team/base');
    const job = await build('refs/pull/1/head');
    expect(job.status, job.error).to.equal('completed');
    expect(await labelOf(job.image?.id ?? '')).to.equal('stranger');
    for (const name of names) expect(await labelOf(name), name).to.equal('owner');
    expect(await digestOf('team/base')).to.equal(digest);
    expect(await digestOf('team/cache')).to.equal(digest);
    for (const tag of job.image?.tags ?? []) expect(tag).to.match(/^proposed--change\//);
    const hasCache = async (name: string) =>
      (await world.engine.docker('save', name)).includes('moby.buildkit.cache');
    expect(await hasCache(names[0] ?? '')).to.equal(true);
    expect(await hasCache('proposed--change/acme/base:latest')).to.equal(false);
  });

  it('leaves nothing in the caches of a step', async () => {
    const step = (run: string) =>
      `FROM busybox\nRUN --mount=type=cache,id=shared,target=/c ${run}; echo "there: $(ls /c)"\n`;
    const { commit, ref } = await createRepository(world.git, 'acme/caches', {
      Dockerfile: step('touch /c/poison'),
    });
    await ref('refs/pull/1/head', commit);
    const said = async (repo: string, from: string) => {
      const job = await buildJob(world.server, { account: 'acme', repo, ref: from });
      expect(job.status, job.error).to.equal('completed');
      return tailOf(world.server, job.id);
    };
    expect(await said('caches', 'refs/pull/1/head')).to.contain('there: poison');
    await createRepository(world.git, 'acme/caches2', { Dockerfile: step('true') });
    expect(await said('caches2', 'main')).to.match(/there: $/m);
  });

  const asking = {
    Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=npm,required cat /run/secrets/npm | rev\n',
    Bobfile: '[[container]]\nname = "asking"\nsecrets = ["secret:npm"]\n',
  };

  const others = [
    'refs/pull-requests/1/from',
    'refs/merge-requests/1/head',
    'refs/for/main/x',
    'refs/remotes/pull/1/head',
    'refs/heads',
    'refs/docker-builder/HEAD',
  ];
  it('is known by its ref', () => {
    for (const ref of [...proposalRefs, ...others]) expect(isProposal(ref), ref).to.equal(true);
    for (const ref of ['main', 'HEAD', 'pull/1/head', 'refs/heads/refs/pull/1/head', 'refs/tags/pull/1', ''])
      expect(isProposal(ref), ref).to.equal(false);
  });

  it('gets no secret, however it is named', async () => {
    const open = await createRepository(world.git, 'acme/asking', asking);
    for (const ref of proposalRefs) await open.ref(ref, open.commit);
    const refused = async (job: JobView, how: string) => {
      expect(job, how).to.include({ status: 'errored', reason: 'secret_refused' });
      expect(await tailOf(world.server, job.id)).not.to.contain(npm.split('').toReversed().join(''));
    };
    const ask = { account: 'acme', repo: 'asking' };
    await Promise.all(
      ['refs/pull/1/head', 'refs/changes/01/1/1'].map(async (ref) =>
        refused(await buildJob(world.server, { ...ask, ref }), ref),
      ),
    );
    const made = await post('/v1/jobs', {
      name: 'by v1',
      slug: 'by-v1',
      image: { source: { ...ask, ref: 'refs/pull/1/merge' } },
    });
    const trigger = (body: object) => post(`/v1/jobs/${made.id}/trigger`, body);
    for (const body of [{}, { payload: { ref: 'refs/pull/1/head' } }]) {
      const { id } = await trigger(body);
      await refused(await untilEnded(world.server, id), JSON.stringify(body));
    }
    const trusted = await buildJob(world.server, { ...ask, ref: 'main' });
    expect(trusted.status, trusted.error).to.equal('completed');
  });

  it('is not found under the name of a branch', async () => {
    for (const ref of ['pull/1/head', 'refs/heads/refs/pull/1/head']) {
      const job = await build(ref);
      expect(job, ref).to.include({ status: 'errored', reason: 'ref_not_found' });
    }
    for (const ref of [
      'refs/pull/../heads/main',
      'refs//pull/1/head',
      '/refs/pull/1/head',
      'refs/pull/1/head^0',
    ])
      expect((await request('/jobs', { account: 'acme', repo: 'app', ref })).status, ref).to.equal(412);
  });

  it('is not built by a webhook', async () => {
    const payload = {
      ref: 'refs/pull/1/head',
      after: proposed,
      action: 'opened',
      number: 1,
      pull_request: { head: { ref: 'topic', sha: proposed } },
      repository: { name: 'app', owner: { name: 'acme', login: 'acme' } },
    };
    for (const event of ['pull_request', 'pull_request_target', 'push']) {
      const body = JSON.stringify(payload);
      const response = await world.server.request('/docker-build/github', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-GitHub-Event': event,
          'X-Hub-Signature-256': `sha256=${createHmac('sha256', hookSecret).update(body).digest('hex')}`,
        },
        body,
      });
      expect(response.status, event).to.equal(202);
      expect(await response.json(), event).to.have.all.keys('reason');
    }
  });

  it('says no other Bobfile than that of the default branch, also where it asks for one by name', async () => {
    const commit = await repository.update({ 'ci/Bobfile': asking.Bobfile }, { branch: 'more' });
    await repository.ref('refs/pull/2/head', commit);
    expect(await build('refs/pull/2/head', { bobfile: 'ci/Bobfile' })).to.include({
      status: 'errored',
      reason: 'bobfile_missing',
    });
  });

  function request(path: string, body: object): Promise<Response> {
    return world.server.request(path, { method: 'POST', body: JSON.stringify(body) });
  }

  async function post(path: string, body: object): Promise<{ id: string }> {
    const response = await request(path, body);
    const text = await response.text();
    expect(response.status, text).to.be.oneOf([201, 202]);
    return JSON.parse(text) as { id: string };
  }

  async function digestOf(path: string): Promise<string | null> {
    const authorization = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;
    const accept = 'application/vnd.docker.distribution.manifest.v2+json';
    const url = `http://${registry.host}/v2/${path}/manifests/latest`;
    const response = await fetch(url, { headers: { authorization, accept } });
    expect(response.status, path).to.equal(200);
    return response.headers.get('docker-content-digest');
  }
});
