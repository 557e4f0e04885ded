import { expect } from 'chai';
import { buildJob, type JobView, tailOf } from '../fixtures/jobs.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { createRepository, type Files } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const password = 'registry-pass-4711';
const npmToken = 'npm_3f9c51ab27';
const authorization = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;

describe('a Bobfile', () => {
  let world: World;
  let registry: TestRegistry;

  before(async () => {
    registry = await startRegistry({ users: { robot: password } });
    const settings = {
      secrets: [{ name: 'npm', value: 'env:NPM_TOKEN', projects: ['acme'] }],
      registries: [
        { host: registry.host, username: 'robot', password: 'env:REGISTRY_PASSWORD', projects: ['acme'] },
      ],
    };
    world = await openWorld({ settings, env: { NPM_TOKEN: npmToken, REGISTRY_PASSWORD: password } });
  });
  after(async () => {
    await world.close();
    await registry.close();
  });

  let count = 0;
  async function build(files: Files, wishes: { account?: string; ref?: string } = {}): Promise<JobView> {
    const { account = 'acme', ref = 'main' } = wishes;
    const repo = `bob${++count}`;
    const made = await createRepository(world.git, `${account}/${repo}`, files, { branch: 'main' });
    if (ref.startsWith('refs/pull/')) {
      const changed = { Bobfile: 'this is nothing', Dockerfile: 'FROM busybox\nRUN echo proposed\n' };
      await made.ref(ref, await made.update(changed, { branch: 'proposal' }));
    }
    return buildJob(world.server, { account, repo, ref });
  }

  async function tagsIn(repository: string): Promise<string[]> {
    const url = `http://${registry.host}/v2/${repository}/tags/list`;
    const response = await fetch(url, { headers: { authorization } });
    return response.ok ? ((await response.json()) as { tags: string[] }).tags : [];
  }

  it('builds several images, one FROM another, and pushes them with the credential of the settings', async () => {
    const job = await build({
      Bobfile: `
        container_globals: { registry: '${registry.host}/team' }
        container:
          - { name: base, Dockerfile: base/Dockerfile, project: base, tags: [latest] }
          - { name: app, project: app, tags: ['{{ sha }}', '{{ branch }}-{{ date "2006" }}'] }`,
      'base/Dockerfile': 'FROM busybox\nRUN echo base > /base\n',
      Dockerfile: `FROM ${registry.host}/team/base\nRUN cat /base\n`,
    });
    expect(job.status, job.error).to.equal('completed');
    const log = await tailOf(world.server, job.id);
    expect(log)
      .to.match(/^app \| .*Step 2\/2 : RUN cat \/base$/m)
      .and.not.contain(password);
    expect(await tagsIn('team/app')).to.have.members([job.commit, `main-${new Date().getFullYear()}`]);
    expect(await tagsIn('team/base')).to.deep.equal(['latest']);
  });

  it('builds what another is made FROM first, also where only the Dockerfile says so', async () => {
    const job = await build({
      Bobfile: `
        container_globals: { registry: '${registry.host}/order', skip_push: true }
        container:
          - { name: last, project: last, tags: [x], depends: [other] }
          - { name: base, project: base, tags: [latest], Dockerfile: base/Dockerfile }
          - { name: other, project: other, tags: [x], Dockerfile: base/Dockerfile }`,
      'base/Dockerfile': 'FROM busybox\nRUN echo built > /base\n',
      Dockerfile: `FROM ${registry.host}/order/base\nRUN cat /base\n`,
    });
    expect(job.status, job.error).to.equal('completed');
    expect(await tagsIn('order/base')).to.deep.equal([]);
  });

  it('gives a RUN the secret that it asks for, and shows it nowhere', async () => {
    const job = await build({
      Bobfile: '[[container]]\nname = "s"\ntags = ["x"]\nsecrets = { npm = "secret:npm" }\n',
      Dockerfile:
        'FROM busybox\nRUN --mount=type=secret,id=npm test "$(cat /run/secrets/npm)" && cat /run/secrets/npm\n',
    });
    expect(job.status, job.error).to.equal('completed');
    expect(await tailOf(world.server, job.id))
      .to.contain('********')
      .and.not.contain(npmToken);
    const history = await world.engine.docker('history', '--no-trunc', job.image?.id ?? '');
    expect(history).not.to.contain(npmToken);
  });

  const refused: [what: string, bobfile: string, wishes: { account?: string }, reason: string][] = [
    ['with mistakes', 'container: [~]', {}, 'bobfile_invalid'],
    [
      'that names an image as only others may',
      '[[container]]\nregistry = "REGISTRY"\nproject = "x"\ntags = ["x"]\n',
      { account: 'stranger' },
      'image_name_refused',
    ],
    [
      'that asks for a secret of another project',
      '[[container]]\nname = "x"\ntags = ["x"]\nsecrets = { npm = "secret:npm" }\n',
      { account: 'stranger' },
      'secret_refused',
    ],
  ];
  for (const [what, bobfile, wishes, reason] of refused)
    it(`${what} is refused`, async () => {
      const Bobfile = bobfile.replace('REGISTRY', registry.host);
      const Dockerfile = 'FROM busybox\nRUN --mount=type=secret,id=npm cat /run/secrets/npm\n';
      const job = await build(
        { Dockerfile: reason === 'secret_refused' ? Dockerfile : 'FROM busybox\n', Bobfile },
        wishes,
      );
      expect(job).to.include({ status: 'errored', reason });
      expect(job.error).to.be.a('string').and.not.equal('');
    });

  it('whose push would be refused is, before anything is built', async () => {
    const registryLine = `registry = "${registry.host}"`;
    for (const [line, reason] of [
      ['credentials = "secret:nothing"', 'secret_refused'],
      ['cache = { to = ["busybox"] }', 'image_name_refused'],
    ]) {
      const Bobfile = `[[container]]\n${registryLine}\nproject = "early"\ntags = ["x"]\n${line}\n`;
      const job = await build({ Dockerfile: 'FROM busybox\nRUN echo built\n', Bobfile });
      expect(job).to.include({ status: 'errored', reason });
      expect(await tailOf(world.server, job.id)).not.to.contain('echo built');
    }
  });

  it('of a proposed change is that of the default branch, and nothing of it is pushed', async () => {
    const job = await build(
      {
        Bobfile: `[[container]]\nregistry = "${registry.host}"\nproject = "proposed"\ntags = ["x", "{{ branch }}"]\n`,
        Dockerfile: 'FROM busybox\n',
      },
      { ref: 'refs/pull/7/head' },
    );
    expect(job.status, job.error).to.equal('completed');
    const log = await tailOf(world.server, job.id);
    expect(log).to.contain('RUN echo proposed').and.contain('nothing is pushed');
    // By its real name it would be what others are made FROM.
    expect(job.image?.tags).to.deep.equal([
      'proposed--change/acme/proposed:x',
      'proposed--change/acme/proposed:pull-7-head',
    ]);
    expect(await tagsIn('proposed')).to.deep.equal([]);
  });

  it('pushes the cache under the names that it is asked for, for others to take it from', async () => {
    const cache = `${registry.host}/cached/app:cache`;
    const [to, from] = [`cache = { to = ["${cache}"] }`, `cache = { from = ["${cache}"] }`];
    const bobfile = (more: string) =>
      `[[container]]\nregistry = "${registry.host}"\nproject = "cached/app"\ntags = ["x"]\n${more}\n`;
    const Dockerfile = `FROM busybox\nRUN echo ${Date.now()} > /made\n`;
    const first = await build({ Dockerfile, Bobfile: bobfile(to) });
    expect(first.status, first.error).to.equal('completed');
    expect(await tagsIn('cached/app')).to.have.members(['x', 'cache']);
    await world.engine.docker('builder', 'prune', '--force', '--all');
    const second = await build({ Dockerfile, Bobfile: bobfile(from) });
    expect(second.status, second.error).to.equal('completed');
    expect(second.image?.steps.map(({ cached }) => cached)).to.include(true);
  });

  it('says what a registry refuses', async () => {
    const other = await startRegistry({ users: { robot: 'another' } });
    try {
      const job = await build({
        Bobfile: `[[container]]\nregistry = "${other.host}"\nproject = "x"\ntags = ["x"]\n`,
        Dockerfile: 'FROM busybox\n',
      });
      expect(job).to.include({ status: 'errored', reason: 'registry_auth' });
    } finally {
      await other.close();
    }
  });
});
