import { expect } from 'chai';
import { untilEnded } from '../../fixtures/jobs.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';

type Json = Record<string, unknown>;

const npmToken = 'npm_5d2e88c1f0';

describe('images of builds', () => {
  let world: World;
  let registry: TestRegistry;

  before(async () => {
    registry = await startRegistry();
    const settings = { secrets: [{ name: 'npm', value: 'env:NPM_TOKEN', projects: ['acme'] }] };
    const env = { NPM_TOKEN: npmToken, DOCKER_BUILDER_PUBLIC_URL: 'https://build.example' };
    world = await openWorld({ settings, env });
  });
  after(async () => {
    await world?.close();
    await registry?.close();
  });

  /** Asks, and holds the answer against the document. */
  async function ask(method: string, path: string, body?: object): Promise<Json> {
    const response = await world.server.request(path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    checkAnswer(method, path, response.status, text);
    expect(response.status, text).to.be.lessThan(300);
    // A job shows its build arguments as they were sent.
    if (path !== '/v1/jobs') expect(text).not.to.include(npmToken);
    return JSON.parse(text) as Json;
  }

  async function build(job: string): Promise<Json> {
    const { id } = await ask('POST', `${job}/trigger`, { payload: { ref: 'main' } });
    const { status, error } = await untilEnded(world.server, String(id));
    expect(status, error).to.equal('completed');
    const { result } = await ask('GET', `/v1/runs/${String(id)}`);
    const [image] = (result as { images: Json[] }).images;
    return { ...image, run: id };
  }

  it('are kept with where they are, what they are of, and what changed since the last one', async () => {
    const files = { 'docker/Dockerfile': 'FROM busybox\nARG NPM\nRUN true\nCOPY a /a\n', 'docker/a': 'a' };
    const made = await createRepository(world.git, 'acme/site', files);
    const { id: job } = await ask('POST', '/v1/jobs', {
      image: {
        source: { account: 'acme', repo: 'site' },
        dockerfile: 'docker/Dockerfile',
        context: 'docker',
        repository: `${registry.host}/acme/site`,
        tags: ['{{ branch }}'],
        build_args: { NPM: `x-${npmToken}`, SOME_TOKEN: 'plain', VERSION: '7' },
      },
    });
    const first = await build(`/v1/jobs/${String(job)}`);
    expect(first).to.include({ name: 'site', builder: 'classic', number: 1, cached_steps: 0 });
    expect(first).not.to.have.property('difference');
    expect(first['base']).to.include({ name: 'busybox' });
    const commit = await made.update({ 'docker/a': 'a'.repeat(1001) });
    const second = await build(`/v1/jobs/${String(job)}`);
    expect(second['difference']).to.deep.include({ bytes: 1000, to: 1 });
    expect(second['cached_steps']).to.equal(2);

    const [pushed] = second['pushed'] as { repository: string; tags: string[]; digest: string }[];
    expect(pushed).to.include({ repository: `${registry.host}/acme/site` });
    const shown = await ask('GET', `/images/${pushed?.digest}`);
    const { id: imageId, number, run, ...rest } = second;
    expect(shown).to.deep.include({
      ...rest,
      id: number,
      image_id: imageId,
      run,
      project: 'acme',
      job: 'site',
    });
    const listed = await ask('GET', `/images?tag=${pushed?.repository}:main`);
    expect((listed as unknown as Json[]).map(({ id }) => id)).to.deep.equal([2, 1]);

    const record = await ask('GET', `/images/${String(imageId)}/provenance`);
    const source = `${world.git.url}/acme/site.git`;
    expect(record['subject']).to.deep.equal([
      { name: pushed?.repository, digest: { sha256: pushed?.digest.slice(7) } },
    ]);
    const { buildDefinition, runDetails } = record['predicate'] as Record<
      'buildDefinition' | 'runDetails',
      Json
    >;
    expect(buildDefinition['externalParameters']).to.deep.equal({
      source,
      ref: 'main',
      dockerfile: 'docker/Dockerfile',
      context: 'docker',
      buildArgs: { NPM: 'x-********', SOME_TOKEN: '********', VERSION: '7' },
    });
    expect(buildDefinition['resolvedDependencies']).to.deep.equal([
      { uri: `git+${source}@main`, digest: { gitCommit: commit } },
      { name: 'busybox', uri: 'pkg:docker/busybox@latest' },
    ]);
    expect(runDetails['builder']).to.deep.equal({ id: 'https://build.example/' });
    expect(runDetails['metadata']).to.include({ invocationId: run });
  });

  it('of one Bobfile are each kept, and compared each with its own', async () => {
    const bobfile = (app: string) =>
      `container:\n  - { name: base, Dockerfile: base/Dockerfile }\n  - { name: app, Dockerfile: ${app} }\n`;
    const made = await createRepository(world.git, 'acme/two', {
      Bobfile: bobfile('Dockerfile'),
      Dockerfile: 'FROM busybox\nCOPY Bobfile /x\n',
      'base/Dockerfile': 'FROM busybox\nCOPY base /x\n',
    });
    const { id: job } = await ask('POST', '/v1/jobs', {
      image: { source: { account: 'acme', repo: 'two' } },
    });
    await build(`/v1/jobs/${String(job)}`);
    await made.update({ Bobfile: `${bobfile('Dockerfile')}# seven\n` });
    await build(`/v1/jobs/${String(job)}`);
    const list = (await ask('GET', '/images?repo=two&limit=3')) as { data: Json[]; has_more: boolean };
    const [app, base, appBefore] = list.data;
    expect([app, base, appBefore].map((one) => one?.['name'])).to.deep.equal(['app', 'base', 'app']);
    expect(app?.['difference']).to.deep.include({ bytes: 8, to: appBefore?.['id'] });
    expect(base?.['difference']).to.deep.include({ bytes: 0 });
    expect(list.has_more).to.equal(true);
    const record = await ask('GET', `/images/${String(app?.['id'])}/provenance`);
    expect(JSON.stringify(record)).to.include('"bobfile":"Bobfile"');
  });
});
