import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { openSession, type Session } from '../../../server/store/postgresSession.ts';
import { createDatabaseClock } from '../../../server/store/shared/clock.ts';
import { readPostgresUrl } from '../../../server/words/postgresUrl.ts';
import { sharedPostgres } from '../../fixtures/postgres.ts';
import { startServer, type TestServer } from '../../fixtures/server.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';

const minute = 60_000;
const skewMs = 5 * minute;
const preload = new URL('../../fixtures/skewedClock.ts', import.meta.url).href;

type Json = Record<string, unknown>;

describe('the clock of the database', () => {
  let session: Session;
  before(async () => {
    const address = readPostgresUrl((await sharedPostgres()).url);
    if ('problem' in address) throw new Error(address.problem);
    session = await openSession(address, { connectMs: 5000, settings: {} });
  });
  after(() => session?.close());

  /** What the database says before and after somebody looks at a clock. */
  async function databaseNow(): Promise<number> {
    const { rows } = await session.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms', []);
    return Number(rows[0]?.['ms']);
  }

  it('is known to the millisecond, however slow it is to ask', async () => {
    const clock = createDatabaseClock();
    await clock.set(session);
    const earliest = await databaseNow();
    expect(clock.now()).to.be.at.least(earliest - 50);
    const now = clock.now();
    expect(now).to.be.at.most((await databaseNow()) + 50);
  });

  it('is put right by as much as is certain, when our own has stood still or jumped', async () => {
    let jumpMs = 0;
    const clock = createDatabaseClock(() => performance.now() + jumpMs);
    await clock.set(session);
    for (jumpMs of [-3_600_000, 7_200_000]) {
      await clock.set(session);
      const before = await databaseNow();
      expect(clock.now()).to.be.at.least(before - 50);
      expect(clock.now()).to.be.at.most((await databaseNow()) + 50);
    }
  });

  it('is left alone by an answer that came late', async () => {
    const clock = createDatabaseClock();
    await clock.set(session);
    const offset = () => clock.now() - performance.now();
    const before = offset();
    const slow: Session = {
      ...session,
      async query(text, params) {
        await pause(200);
        return session.query(text, params);
      },
    };
    await clock.set(slow);
    expect(offset()).to.be.closeTo(before, 60);
  });
});

describe('servers whose clocks are five minutes wrong, one before and one after', () => {
  let database: FreshDatabase;
  let servers: TestServer[];
  let endpoint: Server;
  let calls: Map<string, ServerResponse>;
  before(async () => {
    database = await freshDatabase();
    calls = new Map();
    endpoint = createServer((request, response) => {
      request.resume();
      calls.set(String(request.headers['x-run-id']), response);
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    servers = await Promise.all([skewMs, -skewMs].map((ms) => startSkewed(ms)));
  });
  after(async () => {
    await Promise.all((servers ?? []).map((server) => server.close()));
    endpoint?.closeAllConnections();
    endpoint?.close();
    await database?.giveBack();
  });

  function startSkewed(ms: number): Promise<TestServer> {
    return startServer({
      env: {
        DOCKER_HOST: 'unix:///nowhere.sock',
        DOCKER_BUILDER_DATABASE: database.url,
        DOCKER_BUILDER_SECRETKEY: '0'.repeat(64),
        DOCKER_BUILDER_NAME: ms > 0 ? 'ahead' : 'behind',
        DOCKER_BUILDER_ALLOW_PRIVATE: '1',
        DOCKER_BUILDER_LEASE: '2',
        NODE_OPTIONS: `--import ${preload}`,
        SKEW_MS: String(ms),
      },
    });
  }

  async function ask(server: TestServer, path: string, body?: Json): Promise<Json> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await server.request(
      path,
      body && { method: 'POST', headers, body: JSON.stringify(body) },
    );
    const answer = (await response.json()) as Json;
    expect(response.ok, JSON.stringify(answer)).to.equal(true);
    return answer;
  }

  const job = (server: TestServer, slug: string, more: Json = {}) =>
    ask(server, '/v1/jobs', {
      project_id: 'acme',
      name: slug,
      slug,
      endpoint_url: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`,
      ...more,
    });
  const number = async (sql: string) => Number((await database.script(sql))[0]?.['value']);
  const trueNow = () => number('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS value');

  it("delay, start, hold and store by the database's clock, whichever of them is asked", async () => {
    const before = await trueNow();
    await Promise.all(servers.map((server, index) => expectTrueTimes(before, server, `of-${index}`)));
    expect(await database.script("SELECT 1 FROM attempts WHERE state = 'lost'")).to.deep.equal([]);
  });

  async function expectTrueTimes(before: number, server: TestServer, slug: string): Promise<void> {
    await job(server, slug, { cron: '* * * * *' });
    const ofJob = `WHERE job_id = (SELECT id FROM jobs WHERE slug = '${slug}')`;
    expect(await number(`SELECT next_at AS value FROM schedules ${ofJob}`)).to.be.within(
      before,
      (await trueNow()) + minute,
    );
    await database.script(`DELETE FROM schedules ${ofJob}`);
    const due = (await trueNow()) + 1000;
    const run = await ask(server, `/v1/jobs/${slug}/trigger?project_id=acme`, {
      scheduled_at: new Date(due).toISOString(),
    });
    const id = String(run['id']);
    const answer = await waitFor('its call', () => calls.get(id));
    const started = await trueNow();
    expect(started).to.be.at.least(due);
    const held = `WHERE run_id = '${id}' AND state = 'running'`;
    const lease = await number(`SELECT lease_expires_at AS value FROM attempts ${held}`);
    expect(lease).to.be.within(started - 2000, (await trueNow()) + 2000);
    answer.end('{"ok":true}');
    await expectInOrder(before, id);
  }

  /** Whoever is asked says the same. */
  async function expectInOrder(before: number, id: string): Promise<void> {
    for (const server of servers) {
      const run = await waitFor('its end', async () => {
        const now = await ask(server, `/v1/runs/${id}`);
        return now['status'] === 'completed' && now;
      });
      const names = ['created_at', 'scheduled_at', 'started_at', 'finished_at'];
      const times = [before, ...names.map((name) => Date.parse(String(run[name]))), await trueNow()];
      expect(times).to.deep.equal(times.toSorted((one, other) => one - other));
    }
  }

  it('end a key at the same time', async () => {
    const [ahead, behind] = servers as [TestServer, TestServer];
    const expires = new Date((await trueNow()) + minute).toISOString();
    const made = await ask(ahead, '/v1/api-keys', {
      project_id: 'acme',
      name: 'short',
      scopes: [],
      expires_at: expires,
    });
    expect(Date.parse(String(made['created_at']))).to.be.closeTo(await trueNow(), 5000);
    const { status } = await behind.request('/v1/runs?project_id=acme', {
      headers: { Authorization: `Bearer ${String(made['key'])}` },
    });
    expect(status).to.equal(200);
  });
});
