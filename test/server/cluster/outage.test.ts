import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { postJob } from '../../fixtures/jobs.ts';
import { startPostgres, type TestPostgres } from '../../fixtures/postgres.ts';
import { startServer, type TestServer } from '../../fixtures/server.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';

type Json = Record<string, unknown>;

const headers = { 'Content-Type': 'application/json' };
const build = { account: 'acme', repo: 'site', ref: 'main' };
const execution = {
  application: 'acme',
  job: 'Site',
  message: { n: 1 },
  queue: 'default',
};

/** A question and an order of each interface. */
const asked: [name: string, path: string, body?: Json][] = [
  ['docker-builder', '/jobs'],
  ['docker-builder', '/jobs', build],
  ['Strait', '/v1/runs?project_id=acme'],
  ['Strait', '/v1/jobs/greet/trigger?project_id=acme', { payload: {} }],
  ['Barbeque', '/v1/job_executions/01234567-89ab-4def-8123-456789abcdef'],
  ['Barbeque', '/v2/job_executions', execution],
  ['Scale', '/v6/jobs/'],
  ['Scale', '/v3/queue/new-job/', { job_type_id: 1, job_data: {} }],
];

describe('a server whose database is away', () => {
  let cluster: TestPostgres;
  let proxy: CuttingProxy;
  let server: TestServer;
  let endpoint: Server;
  let calls: ServerResponse[];

  before(async () => {
    cluster = await startPostgres({ durable: 'stop' });
    proxy = await startCuttingProxy(`${cluster.folder}/.s.PGSQL.5432`);
    endpoint = createServer((request, response) => {
      request.resume().on('end', () => calls.push(response));
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const env = {
      DOCKER_HOST: 'unix:///nowhere.sock',
      DOCKER_BUILDER_DATABASE: `postgres://postgres@127.0.0.1:${proxy.port}/postgres?sslmode=disable`,
      DOCKER_BUILDER_ALLOW_PRIVATE: '1',
      DOCKER_BUILDER_ROLE: 'all',
    };
    server = await startServer({ env });
    const address = endpoint.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
    const job = { project_id: 'acme', name: 'Greet', slug: 'greet', endpoint_url: url };
    expect((await send('/v1/jobs', job)).status).to.equal(201);
  });
  beforeEach(() => (calls = []));
  afterEach(() => proxy.thaw());
  after(async () => {
    await server?.close();
    endpoint?.closeAllConnections();
    endpoint?.close();
    await proxy?.close();
    await cluster?.close();
  });

  function send(path: string, body?: Json, more: Record<string, string> = {}): Promise<Response> {
    if (!body) return server.request(path);
    const init = { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) };
    return server.request(path, init);
  }

  async function json(response: Response): Promise<Json> {
    return (await response.json()) as Json;
  }

  const trigger = async () => json(await send('/v1/jobs/greet/trigger?project_id=acme', { payload: {} }));
  const call = () => waitFor('the call', () => calls.at(-1));
  const completed = (id: unknown) =>
    waitFor('the end of the run', async () => {
      const response = await server.request(`/v1/runs/${String(id)}`);
      const run = await json(response);
      return response.ok && run['status'] === 'completed' && run;
    });

  /** What a websocket for a log is answered, as text. */
  async function upgrade(id: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      [
        `GET /jobs/${id}/tail HTTP/1.1`,
        'Host: 127.0.0.1',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
        '',
        '',
      ].join('\r\n'),
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  it('refuses all with 503 and when to come again, holds what came of a call, and goes on by itself', async () => {
    const { id: job } = await postJob(server, build);
    const { id } = await trigger();
    const answer = await call();
    cluster.stop();
    answer.end('{"greeting":"hello"}');
    for (const [name, path, body] of asked) {
      const response = await send(path, body);
      const text = await response.text();
      expect(response.status, `${name} ${path}: ${text}`).to.equal(503);
      expect(Number(response.headers.get('retry-after')), `${name} ${path}`).to.be.at.least(1);
      expect(text, `${name} ${path}`).to.include('the store does not answer');
    }
    expect((await server.request(`/jobs/${job}/stream`)).status).to.equal(503);
    expect(await upgrade(job)).to.match(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/);
    expect((await server.request('/livez')).status).to.equal(200);
    expect((await server.request('/readyz')).status).to.equal(503);
    const crowd = await Promise.all(
      Array.from({ length: 1000 }, async (_, index) => {
        const [, path = '', body] = asked[index % 4] ?? [];
        const { status } = await send(path, body);
        return status;
      }),
    );
    expect(new Set(crowd)).to.deep.equal(new Set([503]));
    await cluster.start();
    expect((await completed(id))['result']).to.deep.equal({ greeting: 'hello' });
    expect(calls).to.have.length(1);
    expect(server.output()).not.to.include('could not be finished');
    expect(server.process.exitCode).to.equal(null);
  });

  it('says that nobody knows where a commit broke off, and takes the same request once', async () => {
    const body = { payload: {} };
    const key = { 'Idempotency-Key': 'once' };
    const path = '/v1/jobs/greet/trigger?project_id=acme';
    const before = await runs();
    proxy.swallowAnswersTo('COMMIT\0', 'close');
    const first = await send(path, body, key);
    const ask = async () => {
      const response = await send(path, body, key);
      return response.ok && json(response);
    };
    if (!first.ok) {
      expect(first.status).to.equal(503);
      expect(Number(first.headers.get('retry-after'))).to.be.at.least(1);
      expect(JSON.stringify(await first.json())).to.include('it was taken or it was not');
    }
    const { id } = await waitFor('a run', ask);
    (await call()).end('{}');
    await completed(id);
    expect(await runs()).to.equal(before + 1);
    expect(calls).to.have.length(1);
  });

  async function runs(): Promise<number> {
    const [row] = await cluster.script('SELECT count(*)::int AS count FROM runs');
    return Number(row?.['count']);
  }
});
