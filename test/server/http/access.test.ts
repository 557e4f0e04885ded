import { request } from 'node:http';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { postJob } from '../../fixtures/jobs.ts';
import { startServer, type TestServer } from '../../fixtures/server.ts';

const nowhere = {
  DOCKER_HOST: 'unix:///nowhere.sock',
  DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
};

/** fetch sets Host and Origin by itself: this one sends what it is told. */
function status(
  server: TestServer,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

function upgradeStatus(server: TestServer, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', (error) =>
      /Unexpected server response/.test(error.message) ? undefined : reject(error),
    );
  });
}

describe('access without credentials', () => {
  let server: TestServer;
  let tail: string;
  before(async () => {
    server = await startServer({ env: { ...nowhere, DOCKER_BUILDER_PUBLIC_URL: 'https://builds.example' } });
    tail = `/jobs/${(await postJob(server, { account: 'a', repo: 'b', ref: 'c' })).id}/tail`;
  });
  after(() => server.close());

  it('takes loopback names and the public one, no other', async () => {
    for (const host of [`127.0.0.1:${server.port}`, 'localhost', `[::1]:${server.port}`, 'builds.example'])
      expect(await status(server, '/jobs', { Host: host }), host).to.equal(200);
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '10.0.0.1'])
      expect(await status(server, '/jobs', { Host: host }), host).to.equal(421);
  });

  it('refuses what another site sends, by origin and by fetch metadata', async () => {
    expect(await status(server, '/jobs', { Origin: 'https://evil.example' }, 'POST')).to.equal(403);
    expect(await status(server, '/jobs', { Origin: 'null' })).to.equal(403);
    expect(await status(server, '/jobs', { 'Sec-Fetch-Site': 'cross-site' }, 'DELETE')).to.equal(403);
    expect(await status(server, '/jobs', { Origin: server.url })).to.equal(200);
    expect(await status(server, '/jobs', { Origin: 'https://builds.example' })).to.equal(200);
  });

  it('lets a link from elsewhere open the page', async () => {
    const visit = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    expect(await status(server, '/', visit)).to.equal(200);
    expect(await status(server, '/jobs', visit, 'POST')).to.equal(403);
  });

  it('holds websockets to the same', async () => {
    expect(await upgradeStatus(server, tail, {})).to.equal(101);
    expect(await upgradeStatus(server, tail, { Origin: server.url })).to.equal(101);
    expect(await upgradeStatus(server, tail, { Origin: 'https://evil.example' })).to.equal(403);
    expect(await upgradeStatus(server, tail, { Host: 'evil.example' })).to.equal(421);
    expect(await upgradeStatus(server, '/jobs/035c4ea0-d73b-5bde-7d6f-c806b04f2ec3/tail', {})).to.equal(404);
  });
});

describe('access with credentials', () => {
  let server: TestServer;
  let tail: string;
  const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  before(async () => {
    server = await startServer({
      env: {
        ...nowhere,
        DOCKER_BUILDER_USERNAME: 'ann',
        DOCKER_BUILDER_PASSWORD: 'pass:word',
        DOCKER_BUILDER_TOKEN: 'the-token-of-ann',
        DOCKER_BUILDER_GITHUBSECRET: 'hook',
      },
    });
    const made = await server.request('/jobs', {
      method: 'POST',
      headers: basic('ann:pass:word'),
      body: '{"account":"a","repo":"b","ref":"c"}',
    });
    tail = `/jobs/${((await made.json()) as { id: string }).id}/tail`;
  });
  after(() => server.close());

  it('admits the password and the token, on every route', async () => {
    for (const path of ['/jobs', tail, tail.replace('tail', 'attempts'), '/nothing']) {
      const expected = path === '/nothing' ? 404 : 200;
      expect(await status(server, path, basic('ann:pass:word')), path).to.equal(expected);
      expect(await status(server, path, bearer('the-token-of-ann')), path).to.equal(expected);
      for (const wrong of [
        {},
        basic('ann:pass'),
        basic('Ann:pass:word'),
        bearer('the-token'),
        bearer(''),
        basic(''),
      ])
        expect(await status(server, path, wrong), path).to.equal(401);
    }
  });

  it('asks for Basic, but not the page', async () => {
    const plain = await server.request('/jobs', { headers: { 'Sec-Fetch-Dest': '' } });
    expect(plain.headers.get('www-authenticate')).to.match(/^Basic /);
  });

  it('keeps health and the page open', async () => {
    expect(await status(server, '/health', {})).to.equal(200);
    expect(await status(server, '/', {})).to.equal(200);
  });

  it('logs the page in with a cookie and out again', async () => {
    const login = (body: object) =>
      server.request('/session', { method: 'POST', body: JSON.stringify(body) });
    expect((await login({ username: 'ann', password: 'wrong' })).status).to.equal(401);
    expect((await login({})).status).to.equal(401);
    const response = await login({ username: 'ann', password: 'pass:word' });
    expect(response.status).to.equal(204);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).to.contain('HttpOnly').and.contain('SameSite=Strict');
    const Cookie = cookie.split(';')[0] ?? '';
    expect(await status(server, '/jobs', { Cookie })).to.equal(200);
    expect(await upgradeStatus(server, tail, { Cookie })).to.equal(101);
    expect(await status(server, '/jobs', { Cookie: `${Cookie}x` })).to.equal(401);
    expect((await login({ token: 'the-token-of-ann' })).status).to.equal(204);
    const out = await server.request('/session', { method: 'DELETE', headers: { Cookie } });
    expect(out.headers.get('set-cookie')).to.contain('Max-Age=0');
  });

  it('admits a websocket with the same credentials only', async () => {
    expect(await upgradeStatus(server, tail, bearer('the-token-of-ann'))).to.equal(101);
    expect(await upgradeStatus(server, tail, {})).to.equal(401);
  });

  it('never says a secret in its log', () => {
    for (const secret of ['pass:word', 'the-token-of-ann', Buffer.from('ann:pass:word').toString('base64')])
      expect(server.output()).not.to.contain(secret);
  });
});
