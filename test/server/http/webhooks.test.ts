import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { startServer, type TestServer } from '../../fixtures/server.ts';

const secret = 'the secret of the hook';
const commit = '0123456789012345678901234567890123456789';
const env = {
  DOCKER_HOST: 'unix:///nowhere.sock',
  DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
  DOCKER_BUILDER_GITHUBSECRET: secret,
  DOCKER_BUILDER_TRAVISTOKEN: 'the token of travis',
};

const pushOf = (changes: object = {}) =>
  JSON.stringify({
    ref: 'refs/heads/feature/x',
    after: commit,
    deleted: false,
    repository: { name: 'app', owner: { name: 'acme', login: 'acme' } },
    ...changes,
  });

describe('the webhook of GitHub', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ env });
  });
  after(() => server.close());

  const sign = (body: string, algorithm = 'sha256', key = secret) =>
    `${algorithm}=${createHmac(algorithm, key).update(body).digest('hex')}`;

  async function deliver(body: string, headers: Record<string, string> = {}) {
    const signed = { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': sign(body), ...headers };
    const response = await server.request('/docker-build/github', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...signed },
      body,
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  it('builds the commit of a push', async () => {
    const { status, answer } = await deliver(pushOf());
    expect(status).to.equal(202);
    expect(answer).to.include({ account: 'acme', repo: 'app', ref: commit, status: 'created' });
  });

  it('takes a form-encoded payload', async () => {
    const body = new URLSearchParams({ payload: pushOf() }).toString();
    const { status, answer } = await deliver(body, { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(status).to.equal(202);
    expect(answer).to.include({ ref: commit });
  });

  it('refuses what is not signed with the secret', async () => {
    const body = pushOf();
    const wrong = [
      { 'X-Hub-Signature-256': sign(`${body} `) },
      { 'X-Hub-Signature-256': sign(body, 'sha256', 'another') },
      { 'X-Hub-Signature-256': '' },
      { 'X-Hub-Signature-256': 'sha256=' },
      { 'X-Hub-Signature-256': sign(body).toUpperCase() },
      // A right SHA-1 does not mend a wrong SHA-256.
      { 'X-Hub-Signature-256': 'sha256=00', 'X-Hub-Signature': sign(body, 'sha1') },
    ];
    for (const headers of wrong) expect((await deliver(body, headers)).status).to.equal(401);
    const unsigned = await server.request('/docker-build/github', {
      method: 'POST',
      headers: { 'X-GitHub-Event': 'push' },
      body,
    });
    expect(unsigned.status).to.equal(401);
  });

  it('takes the older signature where it is the only one', async () => {
    const body = pushOf();
    const headers = { 'X-GitHub-Event': 'push', 'X-Hub-Signature': sign(body, 'sha1') };
    const response = await server.request('/docker-build/github', { method: 'POST', headers, body });
    expect(response.status).to.equal(202);
  });

  it('answers a ping, other events and deleted branches without a build', async () => {
    const before = (await server.request('/jobs')).headers.get('x-total-count');
    expect((await deliver('{}', { 'X-GitHub-Event': 'ping' })).status).to.equal(200);
    const other = await deliver('{}', { 'X-GitHub-Event': 'issues' });
    expect(other.status).to.equal(202);
    expect(other.answer).to.have.property('reason');
    const deleted = await deliver(pushOf({ deleted: true, after: '0'.repeat(40) }));
    expect(deleted.status).to.equal(202);
    expect(deleted.answer).to.have.property('reason').and.not.to.have.property('id');
    expect((await server.request('/jobs')).headers.get('x-total-count')).to.equal(before);
  });

  it('names what a payload lacks', async () => {
    expect((await deliver('{')).status).to.equal(400);
    expect(await deliver(pushOf({ repository: {} }))).to.have.property('status', 412);
    expect((await deliver(pushOf({ after: '' }))).answer).to.include({ field: 'after' });
    expect((await deliver(pushOf({ after: '--help' }))).status).to.equal(412);
    expect(
      (await deliver(pushOf({ repository: { name: '../x', owner: { name: 'acme' } } }))).status,
    ).to.equal(412);
    expect((await deliver(pushOf({ repository: { name: 5, owner: null } }))).status).to.equal(412);
  });

  it('makes one job of a delivery that comes twice, also after a restart and side by side', async () => {
    const delivery = { 'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' };
    const [one, two] = await Promise.all([deliver(pushOf(), delivery), deliver(pushOf(), delivery)]);
    await server.restart();
    const three = await deliver(pushOf(), delivery);
    expect([one.status, two.status, three.status]).to.deep.equal([202, 202, 202]);
    expect(new Set([one, two, three].map(({ answer }) => answer['id']))).to.have.property('size', 1);
  });
});

describe('the webhook of Travis', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ env });
  });
  after(() => server.close());

  const payload = (changes: object = {}) => ({
    status: 0,
    type: 'push',
    commit,
    branch: 'main',
    repository: { name: 'app', owner_name: 'acme' },
    ...changes,
  });
  const authorization = (slug: string) =>
    createHash('sha256').update(`${slug}the token of travis`).digest('hex');

  async function deliver(body: object, slug = 'acme/app', header = authorization(slug)): Promise<number> {
    const response = await server.request('/docker-build/travis', {
      method: 'POST',
      headers: { 'Travis-Repo-Slug': slug, Authorization: header },
      body: new URLSearchParams({ payload: JSON.stringify(body) }),
    });
    await response.text();
    return response.status;
  }

  it('builds what passed, and only for the repository that is signed', async () => {
    expect(await deliver(payload())).to.equal(202);
    expect(await deliver(payload(), 'acme/app', 'wrong')).to.equal(401);
    expect(await deliver(payload(), 'evil/app')).to.equal(401);
    expect(await deliver(payload({ status: 1 }))).to.equal(409);
    expect(await deliver(payload({ type: 'pull_request' }))).to.equal(409);
    expect(await deliver(payload({ commit: '' }))).to.equal(412);
  });
});

describe('webhooks that are switched off', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({
      env: { ...env, DOCKER_BUILDER_NOGITHUB: 'true', DOCKER_BUILDER_NOTRAVIS: '1' },
    });
  });
  after(() => server.close());

  it('are not there', async () => {
    for (const path of ['/docker-build/github', '/docker-build/travis'])
      expect((await server.request(path, { method: 'POST', body: '{}' })).status).to.equal(404);
  });
});

describe('webhooks where others can reach the server', () => {
  let server: TestServer;
  before(async () => {
    const open = { DOCKER_BUILDER_LISTEN: '0.0.0.0', DOCKER_BUILDER_TOKEN: 'the-token-of-the-administrator' };
    const { DOCKER_HOST, DOCKER_BUILDER_GIT_URL } = env;
    server = await startServer({ env: { DOCKER_HOST, DOCKER_BUILDER_GIT_URL, ...open } });
  });
  after(() => server.close());

  it('are not taken without a secret', async () => {
    for (const path of ['/docker-build/github', '/docker-build/travis']) {
      const response = await server.request(path, { method: 'POST', body: pushOf() });
      expect(response.status).to.equal(403);
      expect(await response.text()).to.match(/DOCKER_BUILDER_(GITHUBSECRET|TRAVISTOKEN)/);
    }
  });
});
