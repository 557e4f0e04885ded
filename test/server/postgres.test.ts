import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { postJob } from '../fixtures/jobs.ts';
import { emptyDatabase, type TestDatabase } from '../fixtures/postgres.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';

describe('the server on PostgreSQL', () => {
  let database: TestDatabase;
  let server: TestServer;
  let endpoint: Server;
  let address: string;

  before(async () => {
    database = await emptyDatabase();
    endpoint = createServer((request, response) => {
      request.resume().on('end', () => response.end('{"greeting":"hello"}'));
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const listening = endpoint.address();
    address = `http://127.0.0.1:${typeof listening === 'object' && listening ? listening.port : 0}/`;
    const env = {
      DOCKER_HOST: 'unix:///nowhere.sock',
      DOCKER_BUILDER_DATABASE: database.url,
      DOCKER_BUILDER_ALLOW_PRIVATE: '1',
    };
    server = await startServer({ env });
  });
  after(async () => {
    await server?.close();
    endpoint?.close();
    await database?.drop();
  });

  async function json(path: string, body?: unknown): Promise<Record<string, unknown>> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await server.request(path, { ...init, headers: { 'Content-Type': 'application/json' } });
    const answer = (await response.json()) as Record<string, unknown>;
    expect(response.ok, JSON.stringify(answer)).to.equal(true);
    return answer;
  }

  it('does what it is asked, and has all of it after it was killed', async () => {
    const { id: build } = await postJob(server, { account: 'acme', repo: 'site', ref: 'main' });
    const wish = { project_id: 'acme', name: 'Greet', slug: 'greet', endpoint_url: address };
    const { id: job } = await json('/v1/jobs', wish);
    const { id: run } = await json(`/v1/jobs/${String(job)}/trigger`, { payload: { to: 'you' } });
    const ended = async () => {
      const answer = await json(`/v1/runs/${String(run)}`);
      return answer['status'] === 'completed' && answer;
    };
    const before = await waitFor('the end of the run', ended);
    expect(before['result']).to.deep.equal({ greeting: 'hello' });

    await server.restart();
    expect(await ended()).to.deep.equal(before);
    expect(await json(`/jobs/${String(build)}`)).to.include({
      status: 'created',
      account: 'acme',
      repo: 'site',
    });
    expect(await json('/v1/jobs?project_id=acme')).to.have.length(2);
    expect(existsSync(join(server.data, 'store.sqlite'))).to.equal(false);
  });
});
