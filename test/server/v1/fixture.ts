import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSources } from '../../../builder/steps/source/sources.ts';
import { checkSourceUrl } from '../../../builder/model/sourceUrl.ts';
import { createApp } from '../../../server/app/app.ts';
import { createLimits } from '../../../server/app/limits.ts';
import { createSessions } from '../../../server/app/session.ts';
import { checkSettings } from '../../../server/config/settingsSchema.ts';
import { v1Door } from '../../../server/doors/v1/door.ts';
import { createEnginePool } from '../../../server/room/engines.ts';
import { createCalls } from '../../../server/room/calls/calls.ts';
import { createMeters } from '../../../server/room/meters/meters.ts';
import { createWishes } from '../../../server/room/engines/wishes.ts';
import { createRunEvents } from '../../../server/room/events.ts';
import { createCircuits } from '../../../server/room/http/circuits.ts';
import { createHttpClient } from '../../../server/room/http/client.ts';
import { createKeyring } from '../../../server/room/keys/keyring.ts';
import { createKey } from '../../../server/room/keys/keys.ts';
import { openLogs } from '../../../server/room/logs/logs.ts';
import { createFleet } from '../../../server/room/members/fleet.ts';
import { newMe } from '../../../server/room/members/me.ts';
import { createHousekeeping } from '../../../server/room/retention/housekeeping.ts';
import type { Policy, Report, Room } from '../../../server/room/room.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { createRunTokens } from '../../../server/words/runToken.ts';
import { createSealer } from '../../../server/words/seal.ts';
import { checkAnswer } from './checkAnswer.ts';

const adminToken = 'the-administrator';
const pageFolder = fileURLToPath(new URL('../../../public', import.meta.url));

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON, which is an object or a list; fails where it is no JSON. */
  readonly json: Json;
  readonly list: Json[];
}

export type ShownJob = Json & { id: string; slug: string; version_id: string };

/** Somebody who asks. */
export interface Client {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
}

/** The jobs API over a real store and real access rules, without anybody who works on its runs. */
export interface V1 extends Client, AsyncDisposable {
  readonly room: Room;
  readonly url: string;
  /** How often the room was told that there may be something to claim. */
  wakes(): number;
  /** The clock goes on by so many milliseconds. */
  pass(ms: number): void;
  /** Somebody with a new key. */
  key(wish: { project?: string | null; scopes?: string[] }): Promise<Client & { id: string; text: string }>;
  /** Somebody with this token, or with none. */
  as(token: string | undefined): Client;
  /** A new HTTP job; fails where it was not made. */
  job(fields?: Json): Promise<ShownJob>;
}

export async function openV1(policy: Partial<Policy> = {}): Promise<V1> {
  const folder = await mkdtemp(join(tmpdir(), 'dbs-'));
  const store = await openSqliteStore(folder);
  const clock = { ahead: 0, wakes: 0 };
  const now = () => Date.now() + clock.ahead;
  const room = newRoom({ folder, store, now, policy, wake: () => clock.wakes++ });
  const app = createApp({
    room,
    rules: {
      credentials: { basic: undefined, token: adminToken },
      keyring: room.keyring,
      sessions: createSessions('0'.repeat(64), now),
      limits: createLimits(() => ({ requestsPerMinute: 0, triggersPerMinute: 0, failedLoginsPerMinute: 0 })),
      isLocal: true,
      publicUrl: undefined,
    },
    webhooks: [],
    open: [],
    doors: v1Door(room),
    pageFolder,
  });
  const server = http.createServer(app);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admin = client(url, adminToken);
  let jobs = 0;
  return {
    ...admin,
    room,
    url,
    wakes: () => clock.wakes,
    pass: (ms) => void (clock.ahead += ms),
    as: (token) => client(url, token),
    async key({ project = 'p1', scopes = [] }) {
      const made = await createKey(room, { kind: 'admin' }, { project, name: 'test', scopes });
      return { ...client(url, made.text), id: made.key.id, text: made.text };
    },
    async job(fields = {}) {
      const usual = {
        project_id: 'p1',
        name: 'Job',
        slug: `job-${++jobs}`,
        endpoint_url: 'http://127.0.0.1/x',
      };
      const answer = await admin.post('/v1/jobs', { ...usual, ...fields });
      if (answer.status !== 201) throw new Error(`the job was not made: ${answer.text}`);
      return answer.json as ShownJob;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await room.http.close();
      room.engines.close();
      await room.sources.close();
      await room.logs.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface RoomWish {
  folder: string;
  store: Room['store'];
  now: () => number;
  policy: Partial<Policy>;
  wake: () => void;
}

function newRoom({ folder, store, now, policy, wake }: RoomWish): Room {
  const sealer = createSealer(Buffer.alloc(32, 7));
  const allowed = [{ scheme: 'https' as const, host: 'git.example' }];
  const rules: Policy = {
    sourceUrl: (account, repo) => checkSourceUrl(`https://git.example/${account}/${repo}.git`, allowed).url,
    checkedSource: (url) => checkSourceUrl(url, allowed).url,
    sourceCredential: () => undefined,
    secrets: () => [],
    access: () => {
      throw new Error('nothing is built here');
    },
    builderId: 'urn:docker-builder',
    maxAttempts: 3,
    timeoutSecs: 1800,
    leaseMs: 2000,
    contextBytes: 1_000_000,
    contextEntries: 1000,
    gitTimeoutMs: 1000,
    buildMemoryBytes: undefined,
    buildCpus: undefined,
    archiveAfterMs: 0,
    allowPrivate: true,
    httpSlots: 4,
    silenceMs: 60_000,
    webhookTries: 3,
    missedTicks: 'one',
    retention: checkSettings({}).settings.retention,
    ...policy,
  };
  const wishes = createWishes({ store, now, onChange: wake });
  const me = newMe({ name: 'test', role: 'all', labels: {}, version: '0' }, now());
  const own = () => ({ version: '0', labels: {}, doing: 'on' as const, running: 0, engines: [], leaseMs: 0 });
  return {
    store,
    logs: openLogs({ folder: join(folder, 'logs') }),
    sources: createSources({ folder: join(folder, 'sources'), allowed: () => allowed }),
    wishes,
    fleet: createFleet({ me, own, now, others: undefined }),
    meters: createMeters(),
    calls: createCalls({ me: me.id, shared: undefined, report: silent, isGone: async () => true }),
    engines: createEnginePool({
      report: silent,
      wishes,
      greet: async () => {},
      tend: async () => {},
      onReachable: () => {},
      now,
      retryMs: 1000,
      checkMs: 10_000,
    }),
    events: createRunEvents(),
    sealer,
    tokens: createRunTokens(sealer.deriveKey('run tokens')),
    http: createHttpClient({ allowPrivate: rules.allowPrivate, connections: rules.httpSlots }),
    circuits: createCircuits({ now }),
    dispatches: new Map(),
    keyring: createKeyring({ store, now }),
    housekeeping: createHousekeeping(async () => 0),
    wake,
    wakeEarly: wake,
    wakeClock: wake,
    wakeNotifier: () => {},
    interrupt: () => false,
    policy: () => rules,
    report: { ...silent, error: (fields) => fail(fields) },
    now,
    closing: new AbortController(),
    leaving: new AbortController(),
  };
}

const silent: Report = { info() {}, warn() {}, error() {} };

/** What the server has to report as its own failure is a failure of the test. */
function fail(fields: object): never {
  throw new Error('the server reported an error', { cause: fields });
}

function client(url: string, token: string | undefined): Client {
  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    checkAnswer(method, path, response.status, text);
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text) as Json;
      },
      get list() {
        return JSON.parse(text) as Json[];
      },
    };
  }
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
  };
}
