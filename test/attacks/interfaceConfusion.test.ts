import { expect } from 'chai';
import { type Barbeque, openBarbeque } from '../server/barbeque/fixture.ts';

const token = 'the-token-of-the-administrator';
const auth = { Authorization: `Bearer ${token}` };
const id = '0198b1d4-0000-7000-8000-000000000000';

/** Ways to write a path that somebody before the routes could take for another one than they do. */
const disguises = [
  '//v3/jobs/',
  '/v3//jobs/',
  '/v3/./jobs/',
  '/v3/x/../jobs/',
  '/v3/%6aobs/',
  '/v3/jobs%2f',
  '/v3/jobs;x/',
  '/v3/jobs.json/',
  '/api/../jobs',
  '/api/v3/../../jobs/',
  '/api/v1/jobs/',
  '/v1/v3/jobs/',
  '/v3\\jobs\\',
  '/v03/jobs/',
  '/api/queues/',
  '/api/gc/',
  '/v3/queues/',
  '/v1/jobs.json?project_id=blog',
  `/v1/job_executions%2f${id}`,
  '/v1/job_executions.json/x',
  '/queues.json',
];

/** Paths of Barbeque that must not lead to what stands beside it. */
const beside = [
  '/v1/job_executions/../jobs?project_id=blog',
  '/v1/job_executions/..%2fjobs',
  '/v1/job_executions/../api-keys',
  '/v1/apps/../jobs',
  '/v1/apps/..;/jobs',
  '/v1/apps/blog/jobs',
  '/v1/apps/x/revision_lock/../../../jobs',
];

describe('attack: paths between the interfaces', () => {
  let web: Barbeque;
  before(async () => {
    web = await openBarbeque({ open: { barbeque: ['127.0.0.0/8'] } }, { env: { TOKEN: token } });
  });
  after(() => web.close());

  /** A target that is a whole address, as clients of a proxy send it. */
  const byAddress = (method: string, host: string, path: string, headers: object = auth) => {
    const lines = Object.entries({ Host: `localhost:${web.port}`, Connection: 'close', ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return web.raw(`${method} http://${host}${path} HTTP/1.1\r\n${head}\r\n`);
  };

  it('lead nobody in who may not come in', async () => {
    for (const path of disguises) {
      const { status, headers } = await web.send('GET', path);
      expect(status, path).to.be.oneOf([301, 401]);
      if (status === 301) expect(headers['location'], path).to.match(/^\/(?:api|v3)\//);
    }
    for (const path of beside) expect((await web.send('GET', path)).status, path).to.equal(404);
  });

  it('that are written in another way are found by nobody, and make nothing fail', async () => {
    for (const path of [...disguises, ...beside]) {
      const { status, body } = await web.send('GET', path, undefined, auth);
      expect(status, `${path}: ${body}`).to.be.oneOf([301, 400, 404]);
    }
  });

  it('are the same in capital letters, for which the same counts', async () => {
    const paths = ['/V3/jobs/', '/V6/JOBS/', '/API/V3/jobs/', '/Api/jobs/', '/JOB-EXECUTIONS/', '/Version/'];
    for (const path of paths) {
      expect((await web.send('GET', path)).status, path).to.equal(401);
      const { status, body } = await web.send('GET', path, undefined, auth);
      expect(status, `${path}: ${body}`).to.equal(200);
    }
    const { body } = await web.send('GET', '/V1/jobs?project_id=blog', undefined, auth);
    expect(JSON.parse(body)).to.have.length(1);
    const own = await web.send('GET', `/V1/JOB_EXECUTIONS/${id}`);
    expect([own.status, own.body]).to.deep.equal([
      404,
      '{"status_code":404,"error_code":"record_not_found","message":"Couldn\'t find Barbeque::JobExecution"}',
    ]);
  });

  it('in a whole address are what that address has as its path', async () => {
    for (const host of [`localhost:${web.port}`, 'evil.example', 'x', '']) {
      expect((await byAddress('GET', host, '/v3/jobs/')).status, host).to.equal(200);
      expect((await byAddress('GET', host, '/v3/jobs/', {})).status, host).to.equal(401);
      expect((await byAddress('GET', host, '/jobs?a=1', {})).status, host).to.equal(401);
      expect((await byAddress('GET', host, '/v1/jobs?project_id=blog')).status, host).to.equal(200);
    }
    expect((await byAddress('GET', 'x', '?a')).status).to.equal(200);
  });

  it('in a whole address stay those of their interface when a suffix is taken off', async () => {
    // Of each length of a host: the path must not be cut anywhere else.
    for (let length = 1; length <= 40; length++)
      for (const path of ['runs/x', 'jobs/NotifyAuthor/trigger', id]) {
        const { status, body } = await byAddress(
          'GET',
          'h'.repeat(length),
          `/v1/job_executions/${path}.json`,
          {},
        );
        expect([status, body.includes('there is nothing at')], `${length} ${path}: ${body}`).to.deep.equal([
          404,
          false,
        ]);
      }
  });

  it('are asked by the method that they are asked by', async () => {
    const posing = { 'X-HTTP-Method-Override': 'DELETE', 'X-Method-Override': 'DELETE' };
    const lock = '/v1/apps/blog/revision_lock';
    expect((await web.send('POST', lock, { revision: 'v1' }, auth)).status).to.equal(201);
    expect(
      (await web.send('POST', `${lock}?_method=DELETE`, { revision: 'v2' }, { ...auth, ...posing })).status,
    ).to.equal(201);
    expect(await web.room.store.read.projectRevision('blog')).to.equal('v2');
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'PUT', 'HEAD'])
      for (const path of ['/v3/jobs/', '/api/nothing/', '/v3/queue/new-job/'])
        expect((await web.send(method, path)).status, `${method} ${path}`).to.equal(401);
  });

  it('have no websocket but the one of a log', async () => {
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
    };
    const at = (path: string, headers: object) =>
      web.send('GET', path, undefined, { ...upgrade, ...headers });
    for (const path of [
      '/v3/jobs/',
      `/api/jobs/${id}/tail`,
      `/v3/jobs/${id}/tail/`,
      `/v1/job_executions/${id}`,
      `/v1/apps/jobs/${id}/tail`,
    ]) {
      expect((await at(path, {})).status, path).to.equal(401);
      expect((await at(path, auth)).status, path).to.equal(404);
      expect((await at(path, { ...auth, Origin: 'http://evil.example' })).status, path).to.equal(403);
    }
  });

  it('take no request of a foreign page, however they are written', async () => {
    for (const path of [
      '/v3/jobs/',
      '/V3/jobs/',
      '/api/jobs/',
      '/job-executions/',
      `/v1/job_executions/${id}.json`,
    ]) {
      const foreign = { ...auth, Origin: 'http://evil.example' };
      expect((await web.send('GET', path, undefined, foreign)).status, path).to.equal(403);
      expect((await byAddress('GET', 'x', path, foreign)).status, path).to.equal(403);
    }
  });
});
