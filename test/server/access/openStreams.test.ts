import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { createKeyring } from '../../../server/room/keys/keyring.ts';
import { createKey, revokeKey } from '../../../server/room/keys/keys.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { temporaryStore } from '../store/temporaryStore.ts';
import { adminToken, openTestWeb, type TestWeb } from './webFixture.ts';

describe('what a key has open', () => {
  let web: TestWeb;
  let id: string;
  before(async () => {
    web = await openTestWeb();
    const body = { account: 'acme', repo: 'site', ref: 'main' };
    const made = await web.ask('POST', '/jobs', { key: adminToken, body });
    id = String(made.json['id']);
  });
  after(() => web.close());

  /** An event stream that was opened with this key, and whether it has ended. */
  async function stream(path: string, key: string): Promise<() => boolean> {
    const headers = { Authorization: `Bearer ${key}` };
    const request = http.get({ port: web.port, host: '127.0.0.1', path, headers });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.statusCode).to.equal(200);
    response.resume();
    return () => response.complete;
  }

  async function tail(key: string): Promise<() => number | undefined> {
    const headers = { Authorization: `Bearer ${key}` };
    const websocket = new WebSocket(`ws://127.0.0.1:${web.port}/jobs/${id}/tail`, { headers });
    let code: number | undefined;
    websocket.on('close', (closed) => (code = closed));
    await once(websocket, 'open');
    return () => code;
  }

  it('ends when it is revoked, and nobody else’s does', async () => {
    const [revoked, other] = [await web.makeKey(), await web.makeKey()];
    const paths = ['/events', `/jobs/${id}/stream`, `/v1/runs/${id}/stream`];
    const streamsOf = (key: string) => Promise.all(paths.map((path) => stream(path, key)));
    const [its, others] = [await streamsOf(revoked.text), await streamsOf(other.text)];
    const admins = await streamsOf(adminToken);
    const [itsTail, othersTail] = [await tail(revoked.text), await tail(other.text)];
    await web.ask('DELETE', `/v1/api-keys/${revoked.key.id}`, { key: adminToken });
    await waitFor('all that it has open to end', () => its.every((ended) => ended()));
    await waitFor('its websocket to end', () => itsTail() !== undefined);
    expect(itsTail()).to.equal(1008);
    expect([...others, ...admins].map((ended) => ended())).to.deep.equal(Array(6).fill(false));
    expect(othersTail()).to.equal(undefined);
  });

  it('ends when it expires, or another process revokes it', async () => {
    await using cleanUp = new AsyncDisposableStack();
    const store = await temporaryStore();
    cleanUp.defer(() => store.remove());
    let now = 1000;
    const report = { info() {}, warn() {}, error() {} };
    const ring = () => createKeyring({ store, now: () => now, lookMs: 5 });
    const [here, elsewhere] = [ring(), ring()];
    const room = { store, now: () => now, report, keyring: elsewhere };
    const wish = { project: 'acme', name: 'test', scopes: [] };
    const make = (expiresAt?: number) =>
      createKey(room, { kind: 'admin' }, { ...wish, ...(expiresAt !== undefined && { expiresAt }) });
    const keys = { expiring: await make(9000), revoked: await make(), lasting: await make() };
    const ended: string[] = [];
    for (const [name, { text }] of Object.entries(keys)) {
      const identity = await here.identify(text);
      if (identity) cleanUp.defer(here.hold(identity, () => ended.push(name)));
    }
    const calledOff = await here.identify(keys.revoked.text);
    if (calledOff) here.hold(calledOff, () => ended.push('called off'))();
    await revokeKey(room, { kind: 'admin' }, keys.revoked.key.id);
    now += 3000;
    await waitFor('the revoked key', () => ended.includes('revoked'));
    expect(new Set(ended)).to.deep.equal(new Set(['revoked']));
    now = 9001;
    await waitFor('the expired key', () => ended.includes('expiring'));
    expect(new Set(ended)).to.deep.equal(new Set(['revoked', 'expiring']));
  });
});
