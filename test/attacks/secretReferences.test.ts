import { expect } from 'chai';
import { createRepository, type Files } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const npm = 'npm_9c1d7e3b5f2a';
const plainPassword = 'hunter2-in-plain-4711';
const Dockerfile = 'FROM busybox\nRUN --mount=type=secret,id=npm,required cat /run/secrets/npm | rev\n';

/** A secret is for the projects that the settings name, and what is no name of one is refused without being shown. */
describe('attack: a secret that is asked for', () => {
  let world: World;
  const keys: Record<string, string> = {};

  before(async () => {
    const settings = { secrets: [{ name: 'npm', value: 'env:NPM', projects: ['acme'] }] };
    const env = { NPM: npm, DOCKER_BUILDER_TOKEN: 'administrator' };
    world = await openWorld({ settings, env });
    for (const project_id of ['acme', 'beta']) {
      const made = await ask('POST', '/v1/api-keys', { project_id, name: 'ci', scopes: ['*'] });
      expect(made.status).to.equal(201);
      keys[project_id] = String(made.json['key']);
    }
  });
  after(() => world.close());

  async function ask(method: string, path: string, body?: object, key = 'administrator') {
    const response = await world.server.request(path, {
      method,
      headers: { Authorization: `Bearer ${key}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : {};
    return { status: response.status, text, json: json as Record<string, unknown> };
  }

  const references = [
    'env:NPM',
    'file:/etc/passwd',
    'secret:',
    'secret:a b',
    `secret:${'x'.repeat(64)}`,
    plainPassword,
  ];

  it('by a job as env:, file: or a password is refused with a sentence that does not show it', async () => {
    const source = { account: 'acme', repo: 'app' };
    for (const reference of references)
      for (const image of [{ secrets: { npm: reference } }, { ssh: reference }]) {
        const { status, text } = await ask('POST', '/v1/jobs', { image: { source, ...image } });
        expect(status, reference).to.equal(400);
        expect(text)
          .to.match(/must be \\"secret:<name>\\"/)
          .and.not.contain(plainPassword);
      }
    const buildArgs = { image: { source, build_args: { NPM: 'secret:npm' } } };
    expect((await ask('POST', '/v1/jobs', buildArgs)).text).to.match(/build_args must not be secrets/);
  });

  it('by a Bobfile as env:, file: or a password is refused with a sentence that does not show it', async () => {
    const texts = references.flatMap((reference) => [
      `credentials: '${reference}'`,
      `dockercfg_un: me, dockercfg_pass: '${reference}'`,
      `ssh: '${reference}'`,
      `secrets: { npm: '${reference}' }`,
    ]);
    const list = texts.map((text) => `  - { registry: q.io, project: x, tags: [a], ${text} }`);
    const args = `  - { build_args: { NPM: 'secret:npm' } }`;
    const files = { Dockerfile, Bobfile: ['container:', ...list, args].join('\n') };
    const job = await buildAs('acme', 'refs', files);
    expect(job).to.include({ reason: 'bobfile_invalid' });
    const log = await tailOfAdmin(job.id);
    for (let i = 0; i <= list.length; i++) expect(log).to.contain(`container[${i}]`);
    expect(log + String(job['error'])).not.to.contain(plainPassword);
  });

  it('of another project is not given, by no way of sharing', async () => {
    const files = { Dockerfile, Bobfile: '[[container]]\nname = "x"\nsecrets = ["secret:npm"]\n' };
    const owner = await buildAs('acme', 'app', files);
    expect(owner['status'], String(owner['error'])).to.equal('completed');
    // One's own repository, and a job of one's own on the repository of the owner.
    expect(await buildAs('beta', 'own', files)).to.include({ reason: 'secret_refused' });
    const url = `${world.git.url}/acme/app.git`;
    const shared = { project_id: 'beta', name: 's', slug: 's', image: { source: { url, ref: 'main' } } };
    const made = await ask('POST', '/v1/jobs', shared, keys['beta']);
    expect(made.status, made.text).to.equal(201);
    const run = await ask('POST', `/v1/jobs/${String(made.json['id'])}/trigger`, {}, keys['beta']);
    expect(await ended(String(run.json['id']))).to.include({ reason: 'secret_refused' });

    const listed = await ask('GET', '/v1/jobs?project_id=acme', undefined, keys['acme']);
    const { id } = (listed.json as unknown as { id: string }[])[0] ?? { id: '' };
    const thefts: [method: string, path: string, body: object][] = [
      ['POST', `/v1/jobs/${id}/clone`, {}],
      ['POST', `/v1/jobs/${id}/trigger`, {}],
      ['PATCH', `/v1/jobs/${id}`, { name: 'mine' }],
      ['POST', '/v1/jobs', { ...shared, project_id: 'acme' }],
      ['POST', '/v1/jobs', { ...shared, slug: 't', image: { source: { account: 'acme', repo: 'app' } } }],
      ['POST', '/jobs', { account: 'acme', repo: 'app', ref: 'main' }],
      ['POST', `/v1/runs/${owner.id}/replay`, {}],
    ];
    for (const [method, path, body] of thefts)
      expect((await ask(method, path, body, keys['beta'])).status, `${method} ${path}`).to.be.oneOf([
        403, 404,
      ]);
    const copy = await ask('POST', `/v1/jobs/${id}/clone`, {}, keys['acme']);
    expect(copy.json, copy.text).to.include({ project_id: 'acme' });
  });

  async function buildAs(account: string, repo: string, files: Files) {
    await createRepository(world.git, `${account}/${repo}`, files);
    const made = await ask('POST', '/jobs', { account, repo, ref: 'main' }, keys[account]);
    expect(made.status, made.text).to.equal(202);
    return ended(String(made.json['id']));
  }

  async function ended(id: string): Promise<Record<string, unknown> & { id: string }> {
    const done = new Set(['completed', 'errored', 'canceled']);
    const look = async () => (await ask('GET', `/jobs/${id}`)).json;
    const json = await waitFor('the end', async () => {
      const job = await look();
      return done.has(String(job['status'])) ? job : undefined;
    });
    return { ...json, id };
  }

  async function tailOfAdmin(id: string): Promise<string> {
    return (await ask('GET', `/jobs/${id}/log`)).text;
  }
});
