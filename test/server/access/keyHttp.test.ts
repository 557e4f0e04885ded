import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { hashOfKey, newKeyText } from '../../../server/room/keys/keyText.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { upgrade } from './upgrade.ts';
import { adminToken, openTestWeb, type TestWeb } from './webFixture.ts';

const build = { account: 'acme', repo: 'site', ref: 'main' };
const status = async (answer: Promise<{ status: number }>): Promise<number> => (await answer).status;

describe('a server without credentials', () => {
  let web: TestWeb;
  beforeEach(async () => {
    web = await openTestWeb({ env: {} });
  });
  afterEach(() => web.close());

  it('is the administrator’s until the first key is made, and never again', async () => {
    const { ask } = web;
    const made = await ask('POST', '/v1/api-keys', {
      body: { project_id: '*', name: 'first', scopes: ['*'] },
    });
    expect(made.status).to.equal(201);
    const key = String(made.json['key']);
    expect(await status(ask('GET', '/jobs'))).to.equal(401);
    expect((await upgrade(web, '/jobs/x/tail')).status).to.equal(401);
    expect(await status(ask('GET', '/jobs', { key }))).to.equal(200);
    expect(await status(ask('DELETE', `/v1/api-keys/${String(made.json['id'])}`, { key }))).to.equal(204);
    expect(await status(ask('GET', '/jobs', { key }))).to.equal(401);
    expect(await status(ask('GET', '/jobs'))).to.equal(401);
  });

  it('takes any host name once a key protects it', async () => {
    const headers = { Host: 'builds.example' };
    expect(await status(web.ask('GET', '/jobs', { headers }))).to.equal(421);
    const { text: key } = await web.makeKey();
    expect(await status(web.ask('GET', '/jobs', { headers, key }))).to.equal(200);
    expect(await status(web.ask('GET', '/jobs', { headers }))).to.equal(401);
  });

  it('lets the page log in with a key, as far as the key goes', async () => {
    const { key, text } = await web.makeKey({ scopes: ['runs:read'] });
    const login = await web.ask('POST', '/session', { body: { token: text } });
    expect(login.status).to.equal(204);
    const headers = { Cookie: String(login.headers['set-cookie']).split(';')[0] };
    expect(await status(web.ask('GET', '/jobs', { headers }))).to.equal(200);
    expect(await status(web.ask('POST', '/jobs', { headers, body: build }))).to.equal(403);
    const forged = { Cookie: headers.Cookie?.replace(key.id, 'admin') };
    expect(await status(web.ask('GET', '/jobs', { headers: forged }))).to.equal(401);
    await web.ask('DELETE', `/v1/api-keys/${key.id}`, { key: (await web.makeKey()).text });
    expect(await status(web.ask('GET', '/jobs', { headers }))).to.equal(401);
  });
});

describe('api keys over HTTP', () => {
  let web: TestWeb;
  before(async () => {
    web = await openTestWeb({ settings: { limits: { failedLoginsPerMinute: 0 } } });
  });
  after(() => web.close());

  it('are made, shown, listed, rotated and revoked', async () => {
    const { ask } = web;
    const key = adminToken;
    const made = await ask('POST', '/v1/api-keys', {
      key,
      body: { project_id: 'acme', name: 'ci', scopes: ['jobs:trigger'], expires_in_days: 90 },
    });
    expect(made.status).to.equal(201);
    expect(made.headers).to.include({ 'cache-control': 'no-store', 'x-api-version': 'v1' });
    const { key: text, ...shown } = made.json;
    expect(shown).to.include({ project_id: 'acme', name: 'ci', key_prefix: String(text).slice(0, 11) });
    expect(shown).to.have.all.keys(
      'id',
      'project_id',
      'name',
      'key_prefix',
      'scopes',
      'created_at',
      'expires_at',
    );
    const path = `/v1/api-keys/${String(shown['id'])}`;
    expect((await ask('GET', path, { key })).json).to.deep.equal(shown);
    const rotated = await ask('POST', `${path}/rotate`, { key, body: { grace_period_secs: 60 } });
    expect(rotated.json).to.include({ name: 'ci', expires_at: shown['expires_at'] });
    const list = await ask('GET', '/v1/api-keys?project_id=acme&limit=1', { key });
    expect(list.json).to.include({ has_more: true });
    const next = `&cursor=${String(list.json['next_cursor'])}`;
    const rest = await ask('GET', `/v1/api-keys?project_id=acme&limit=1${next}`, { key });
    expect(rest.json['data']).to.have.length(1).and.have.nested.property('[0].id', shown['id']);
    expect(await status(ask('DELETE', path, { key }))).to.equal(204);
    expect((await ask('GET', path, { key })).json).to.have.property('revoked_at');
    expect(await status(ask('POST', `${path}/rotate`, { key }))).to.equal(409);
    expect(list.text + rest.text).not.to.contain(String(text).slice(11));
  });

  const wrong: [body: unknown, said: RegExp][] = [
    [undefined, /invalid request body/],
    ['[]', /invalid request body/],
    [{ project_id: 'acme' }, /name is required/],
    [{ name: 'x' }, /project_id is required/],
    [{ project_id: 'acme', name: 'x', scopes: ['jobs:all'] }, /scopes\[0\] must be one of/],
    [{ project_id: 'acme', name: 'x', scopes: 'admin' }, /scopes must be a list/],
    [{ project_id: 'acme', name: 'x', expires_at: 'tomorrow' }, /expires_at must be a date/],
    [{ project_id: 'acme', name: 'x', expires_at: '2001-01-01T00:00:00Z' }, /expires_at must not be over/],
    [{ project_id: 'acme', name: 'x', expires_in_days: 0 }, /expires_in_days must be at least 1/],
    [{ project_id: 'acme', name: 'x\u0000', expires_in_days: 1 }, /control/],
  ];
  for (const [body, said] of wrong)
    it(`are refused as ${JSON.stringify(body)}`, async () => {
      const answer = await web.ask('POST', '/v1/api-keys', { key: adminToken, body });
      expect(answer.status).to.equal(400);
      expect(answer.text).to.match(said);
    });

  it('keep their grace within a month', async () => {
    const { key } = await web.makeKey();
    const rotate = (body: object) =>
      web.ask('POST', `/v1/api-keys/${key.id}/rotate`, { key: adminToken, body });
    for (const body of [
      { grace_period_secs: 2_592_001 },
      { grace_period_minutes: -1 },
      { grace_period_secs: 'x' },
    ])
      expect(await status(rotate(body))).to.equal(400);
    expect(await status(rotate({ grace_period_minutes: 43_200 }))).to.equal(201);
  });

  it('say why they are not taken', async () => {
    const said = async (key?: string) => {
      const {
        status: code,
        json,
        headers,
      } = await web.ask('GET', '/v1/jobs?project_id=acme', {
        ...(key !== undefined && { key }),
      });
      expect(code).to.equal(401);
      expect(headers['content-type']).to.match(/^application\/json/);
      expect(headers).to.include({ 'x-api-version': 'v1' });
      return json['error'];
    };
    const [revoked, rotated, expired] = [await web.makeKey(), await web.makeKey(), newKeyText()];
    await web.ask('DELETE', `/v1/api-keys/${revoked.key.id}`, { key: adminToken });
    const rotation = { key: adminToken, body: { grace_period_secs: 0 } };
    await web.ask('POST', `/v1/api-keys/${rotated.key.id}/rotate`, rotation);
    const { key: _, ...old } = revoked.key;
    const dead = { ...old, id: uuid7(), hash: hashOfKey(expired), expiresAt: 1 };
    await web.room.store.write((tx) => tx.insertApiKey(dead));
    expect(await said()).to.match(/^invalid or missing api key/);
    expect(await said('strait_unknown')).to.match(/^invalid or missing api key/);
    expect(await said(`db_${'x'.repeat(40)}`)).to.equal('invalid api key');
    expect(await said(revoked.text)).to.equal('api key has been revoked');
    expect(await said(rotated.text)).to.equal('api key rotation grace period has ended');
    expect(await said(expired)).to.equal('api key has expired');
  });

  it('are taken from the Authorization header and from nowhere else', async () => {
    const { text } = await web.makeKey();
    const attempts = [
      ...['token', 'key', 'api_key', 'access_token'].map((name) => ({ path: `/jobs?${name}=${text}` })),
      { headers: { 'X-Api-Key': text } },
      { headers: { Authorization: text } },
      { headers: { Authorization: `Basic ${Buffer.from(`${text}:`).toString('base64')}` } },
      { headers: { Authorization: `Basic ${Buffer.from(`x:${text}`).toString('base64')}` } },
      { headers: { Authorization: `Bearer ${hashOfKey(text)}` } },
      { headers: { Authorization: `Bearer ${text.slice(0, 11)}` } },
      { headers: { Authorization: `Bearer ${text.toUpperCase()}` } },
      { headers: { Authorization: `Bearer ${text}' OR 1=1` } },
      { headers: { Cookie: `docker-builder-session=${text}` } },
    ];
    for (const attempt of attempts) {
      const { path = '/jobs', headers = {} } = attempt as { path?: string; headers?: Record<string, string> };
      expect(await status(web.ask('GET', path, { headers })), JSON.stringify(attempt)).to.equal(401);
    }
    expect(await status(web.ask('GET', '/jobs', { headers: { Authorization: `bearer ${text}` } }))).to.equal(
      200,
    );
  });

  it('are never said in the log', async () => {
    const { text } = await web.makeKey();
    await web.ask('GET', `/jobs?key=${text}`, { key: text });
    expect(web.told.join('\n')).not.to.contain(text.slice(11));
  });

  it('open a websocket for the logs of their project, and no new one once revoked', async () => {
    const { key, text } = await web.makeKey({ scopes: ['runs:read'] });
    const { json } = await web.ask('POST', '/jobs', { key: adminToken, body: build });
    const tail = `/jobs/${String(json['id'])}/tail`;
    const bearer = (value: string) => ({ Authorization: `Bearer ${value}` });
    const { status: taken, websocket } = await upgrade(web, tail, bearer(text));
    expect(taken).to.equal(101);
    const other = await web.makeKey({ project: 'other' });
    expect((await upgrade(web, tail, bearer(other.text))).status).to.equal(404);
    const blind = await web.makeKey({ scopes: ['jobs:read'] });
    expect((await upgrade(web, tail, bearer(blind.text))).status).to.equal(403);
    expect((await upgrade(web, `${tail}?token=${text}`)).status).to.equal(401);
    await web.ask('DELETE', `/v1/api-keys/${key.id}`, { key: adminToken });
    expect((await upgrade(web, tail, bearer(text))).status).to.equal(401);
    websocket.terminate();
  });

  it('hear of the runs of their project only', async () => {
    const [own, other] = [await web.makeKey(), await web.makeKey({ project: 'other' })];
    const streams = await Promise.all([own, other].map(({ text }) => listen(web, text)));
    const ids: string[] = [];
    for (const account of ['acme', 'other']) {
      const made = await web.ask('POST', '/jobs', { key: adminToken, body: { ...build, account } });
      ids.push(String(made.json['id']));
    }
    await waitFor('both to hear', () => streams.every(({ heard }) => /event: run/.test(heard())));
    const [acme = '', foreign = ''] = ids;
    expect(streams[0]?.heard()).to.contain(acme).and.not.contain(foreign);
    expect(streams[1]?.heard()).to.contain(foreign).and.not.contain(acme);
    for (const stream of streams) stream.close();
  });

  it('build for their project only', async () => {
    const { text: key, key: made } = await web.makeKey();
    expect(await status(web.ask('POST', '/jobs', { key, body: { ...build, account: 'other' } }))).to.equal(
      403,
    );
    const answer = await web.ask('POST', '/jobs', { key, body: build });
    expect(answer.status).to.equal(202);
    const run = await web.room.store.read.run(String(answer.json['id']));
    expect(run?.createdBy).to.equal(`apikey:${made.id}`);
    const foreign = await web.ask('POST', '/jobs', { key: adminToken, body: { ...build, account: 'other' } });
    const id = String(foreign.json['id']);
    expect((await web.ask('GET', '/jobs?limit=all', { key })).text).not.to.contain(id);
    expect((await web.ask('GET', '/jobs?account=other', { key })).json).to.deep.equal({});
    expect(await status(web.ask('GET', `/jobs?before=${id}`, { key }))).to.equal(400);
  });
});

async function listen({ port }: TestWeb, key: string): Promise<{ heard(): string; close(): void }> {
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/events',
    headers: { Authorization: `Bearer ${key}` },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let heard = '';
  response.setEncoding('utf8').on('data', (piece: string) => (heard += piece));
  response.on('error', () => {});
  return { heard: () => heard, close: () => void request.destroy() };
}
