import { expect } from 'chai';
import { startServer, type TestServer } from '../../fixtures/server.ts';
import { postJob } from '../../fixtures/jobs.ts';

/** No engine is needed: what is refused never gets to one, and what is taken waits. */
describe('requests to /jobs', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({
      env: {
        DOCKER_HOST: 'unix:///nowhere.sock',
        DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
      },
    });
  });
  after(() => server.close());

  async function post(body: string): Promise<{ status: number; field: unknown; error: unknown }> {
    const response = await server.request('/jobs', { method: 'POST', body });
    const answer = (await response.json()) as Record<string, unknown>;
    return { status: response.status, field: answer['field'], error: answer['error'] };
  }
  const order = { account: 'acme', repo: 'app', ref: 'main' };
  const withField = (field: string, value: unknown) => JSON.stringify({ ...order, [field]: value });

  for (const body of ['', '{', '[]', 'null', '"x"', '{"account":"a"} x'])
    it(`refuses ${JSON.stringify(body)} as bad JSON`, async () => {
      expect(await post(body)).to.include({ status: 400, field: 'body' });
    });

  for (const field of ['account', 'repo', 'ref'])
    for (const value of [undefined, '', null])
      it(`refuses ${field} ${JSON.stringify(value)} as missing and names it`, async () => {
        const answer = await post(withField(field, value));
        expect(answer).to.include({ status: 412, field });
        expect(answer.error).to.contain(field);
      });

  const wrong: [string, unknown, number][] = [
    ['account', 5, 400],
    ['sync', 'true', 400],
    ['api_token', {}, 400],
    ['depth', true, 400],
    ['depth', 'abc', 412],
    ['depth', 0, 412],
    ['depth', -1, 412],
    ['depth', 1.5, 412],
    ['ref', '--upload-pack=x', 412],
    ['ref', 'a..b', 412],
    ['ref', 'a b', 412],
    ['ref', 'a\u0000b', 412],
    ['repo', '../../etc', 412],
    ['repo', 'ext::sh -c x', 412],
    ['repo', '-x', 412],
    ['account', 'a\nb', 412],
  ];
  for (const [field, value, status] of wrong)
    it(`refuses ${field} ${JSON.stringify(value)} with ${status}`, async () => {
      expect(await post(withField(field, value))).to.have.property('status', status);
    });

  it('takes depth as a number and as text', async () => {
    expect((await post(withField('depth', 5))).status).to.equal(202);
    expect((await post(withField('depth', '5'))).status).to.equal(202);
  });

  it('takes the same at /docker-build', async () => {
    const response = await server.request('/docker-build', { method: 'POST', body: JSON.stringify(order) });
    expect(response.status).to.equal(202);
  });

  it('refuses a body over 1 MiB', async () => {
    expect((await post(withField('ref', 'x'.repeat(1024 * 1024)))).status).to.equal(413);
  });

  it('answers an unknown id with 404 JSON', async () => {
    for (const id of ['035c4ea0-d73b-5bde-7d6f-c806b04f2ec3', 'nothing', '%00', 'a%2Fb']) {
      const response = await server.request(`/jobs/${id}`);
      expect(response.status, id).to.equal(404);
      expect(await response.json()).to.have.property('code', 'not_found');
    }
    expect((await server.request('/jobs/%zz')).status).to.equal(400);
  });

  describe('with an idempotency key', () => {
    async function ask(key: string | Record<string, string>, body: object = order, path = '/jobs') {
      const headers = typeof key === 'string' ? { 'Idempotency-Key': key } : key;
      const response = await server.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
      const { id, code, field } = (await response.json()) as Record<string, string>;
      return { id, code, field, status: response.status, location: response.headers.get('location') };
    }

    it('make one job, however often and at whatever of the paths they come', async () => {
      const first = await ask('k');
      expect(first).to.include({ status: 202, location: `/jobs/${String(first.id)}` });
      const again = [
        ask('k'),
        ask({ 'X-Idempotency-Key': 'k', 'Idempotency-Key': 'other' }),
        ask('k', order, '/docker-build'),
      ];
      expect(await Promise.all(again)).to.deep.equal([first, first, first]);
      const many = await Promise.all(Array.from({ length: 20 }, () => ask('at once')));
      expect(new Set(many.map(({ id }) => id)).size).to.equal(1);
    });

    it('make others for another key, another repository, and without one', async () => {
      const asked = [ask('a'), ask('b'), ask('a', { ...order, repo: 'other' }), ask(''), ask('')];
      expect(new Set((await Promise.all(asked)).map(({ id }) => id)).size).to.equal(5);
    });

    it('are a conflict where the key is that of another build', async () => {
      const { id } = await ask('of main');
      for (const other of [{ ref: 'next' }, { depth: 5 }, { bobfile: 'x' }])
        expect(await ask('of main', { ...order, ...other })).to.include({ status: 409, code: 'conflict' });
      expect(await ask('of main', { ...order, api_token: 'newer' })).to.include({ id, status: 202 });
      expect(await ask('k'.repeat(257))).to.include({ status: 400, field: 'idempotency_key' });
    });

    it('make another one when the first has ended', async () => {
      const { id } = await ask('once');
      await server.request(`/jobs/${String(id)}`, { method: 'DELETE' });
      expect((await ask('once')).id).not.to.equal(id);
    });
  });

  it('answers a wrong method with 405 and Allow, and HEAD like GET', async () => {
    const response = await server.request('/jobs', { method: 'PUT' });
    expect(response.status).to.equal(405);
    expect(response.headers.get('allow')).to.equal('GET, HEAD, POST');
    expect((await server.request('/jobs', { method: 'HEAD' })).status).to.equal(200);
    expect((await server.request('/health', { method: 'HEAD' })).status).to.equal(200);
  });

  it('is healthy, and not ready without an engine', async () => {
    expect(await (await server.request('/health')).text()).to.equal('200 OK');
    const ready = await server.request('/ready');
    expect(ready.status).to.equal(503);
    expect(await ready.text()).to.match(/default: .*engine/);
  });

  it('answers tails as the original did, without its mistakes', async () => {
    const { id } = await postJob(server, { ...order, ref: 'tails' });
    const tail = async (query: string) => {
      const response = await server.request(`/jobs/${id}/tail${query}`);
      return `${response.status} ${await response.text()}`;
    };
    expect(await tail('')).to.equal('200 ');
    expect(await tail('?n=')).to.equal('200 ');
    expect(await tail('?n=abc')).to.equal('400 abc is not a valid number');
    expect(await tail('?n=1.5')).to.equal('400 1.5 is not a valid number');
    expect(await tail('?n=99999999999999999999')).to.equal('400 99999999999999999999 is not a valid number');
    expect(await tail('?n=0')).to.match(/^412 /);
    expect(await tail('?n=-2')).to.match(/^412 /);
  });

  it('gives each answer a request id', async () => {
    const response = await server.request('/jobs', { headers: { 'X-Request-Id': 'mine-1' } });
    expect(response.headers.get('x-request-id')).to.equal('mine-1');
    expect((await server.request('/jobs')).headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
  });

  it('cancels a job that waits', async () => {
    const { id } = await postJob(server, { ...order, ref: 'waits' });
    const response = await server.request(`/jobs/${id}`, { method: 'DELETE' });
    expect(response.status).to.equal(202);
    expect(await response.json()).to.include({ status: 'canceled', reason: 'canceled' });
    expect((await server.request(`/jobs/${id}`, { method: 'DELETE' })).status).to.equal(409);
  });
});
