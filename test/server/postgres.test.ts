import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { postJob } from '../fixtures/jobs.ts';
import { emptyDatabase, type TestDatabase } from '../fixtures/postgres.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';

type Json = Record<string, unknown>;

describe('the server on PostgreSQL', () => {
  let database: TestDatabase;
  let server: TestServer;
  let endpoint: Server;

  before(async () => {
    database = await emptyDatabase();
    endpoint = createServer((request, response) => {
      request.resume().on('end', () => response.end('{"greeting":"hello"}'));
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const env = {
      DOCKER_HOST: 'unix:///nowhere.sock',
      DOCKER_BUILDER_DATABASE: database.url,
      DOCKER_BUILDER_ALLOW_PRIVATE: '1',
    };
    server = await startServer({ env });
    const address = endpoint.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const names = { project_id: 'acme', name: 'Greet', slug: 'greet' };
    await json('/v1/jobs', { ...names, endpoint_url: `http://127.0.0.1:${port}/` });
  });
  after(async () => {
    await server?.close();
    endpoint?.close();
    await database?.drop();
  });

  const headers = { 'Content-Type': 'application/json' };
  const post = (path: string, body: Json) =>
    server.request(path, { method: 'POST', headers, body: JSON.stringify(body) });

  async function json(path: string, body?: Json): Promise<Json> {
    const response = await (body ? post(path, body) : server.request(path));
    const answer = (await response.json()) as Json;
    expect(response.ok, JSON.stringify(answer)).to.equal(true);
    return answer;
  }

  /** Triggers the job and waits for the end of its run. */
  async function greet(): Promise<Json> {
    const { id } = await waitFor('a trigger that is taken', async () => {
      const response = await post('/v1/jobs/greet/trigger?project_id=acme', { payload: { to: 'you' } });
      return response.status === 503 ? undefined : ((await response.json()) as Json);
    });
    return waitFor('the end of the run', async () => {
      const run = await json(`/v1/runs/${String(id)}`);
      return run['status'] === 'completed' && run;
    });
  }

  it('does what it is asked, and has all of it after it was killed', async () => {
    const { id: build } = await postJob(server, { account: 'acme', repo: 'site', ref: 'main' });
    const run = await greet();
    expect(run['result']).to.deep.equal({ greeting: 'hello' });
    await server.restart();
    expect(await json(`/v1/runs/${String(run['id'])}`)).to.deep.equal(run);
    expect(await json(`/jobs/${build}`)).to.include({ status: 'created', account: 'acme', repo: 'site' });
    expect(await json('/v1/jobs?project_id=acme')).to.have.length(2);
    expect(existsSync(join(server.data, 'store.sqlite'))).to.equal(false);
  });

  it('goes on when all of its connections were cut', async () => {
    const cut = await database.script(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'docker-builder'",
    );
    expect(cut.length).to.be.greaterThan(1);
    expect((await greet())['result']).to.deep.equal({ greeting: 'hello' });
    expect(server.process.exitCode).to.equal(null);
  });
});
