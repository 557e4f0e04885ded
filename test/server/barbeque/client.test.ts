import { expect } from 'chai';
import { etagOf } from '../../../server/doors/barbeque/answer.ts';
import { end, startNext, workOff } from '../v1/workOff.ts';
import { type Barbeque, jsonOf, openBarbeque, type RawAnswer } from './fixture.ts';

const uuid = /^[a-f\d]{8}-(?:[a-f\d]{4}-){3}[a-f\d]{12}$/;
const fresh = 'max-age=0, private, must-revalidate';

/** What the Ruby client sends, word for word. */
const head = (port: number): string =>
  [
    'Accept: application/json',
    'User-Agent: garage_client 3.0.0 blog',
    'Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
    'Connection: close',
    `Host: localhost:${port}`,
  ].join('\r\n');

const get = (port: number, target: string, more = ''): string =>
  `GET ${target} HTTP/1.1\r\n${more}${head(port)}\r\n\r\n`;

const post = (port: number, target: string, body: string, more = ''): string =>
  `POST ${target} HTTP/1.1\r\nContent-Type: application/json\r\n${more}${head(port)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** All that every answer with a document has in front of it. */
function expectDocument(answer: RawAnswer, status: 200 | 201): void {
  expect(answer.status, answer.body).to.equal(status);
  expect(answer.headers).to.include({
    'cache-control': fresh,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(answer.body)),
    etag: etagOf(answer.body),
  });
  expect(answer.headers['x-runtime']).to.match(/^\d+\.\d{6}$/);
  expect(answer.headers['x-request-id']).to.match(uuid);
  expect(answer.headers).not.to.have.any.keys(
    'x-api-version',
    'location',
    'content-encoding',
    'x-powered-by',
  );
}

describe('what the client of Barbeque sends', () => {
  let barbeque: Barbeque;
  before(async () => {
    barbeque = await openBarbeque();
  });
  after(() => barbeque.close());

  const wish = (more: object = {}) =>
    JSON.stringify({
      application: 'blog',
      job: 'NotifyAuthor',
      message: { recipe_id: 1 },
      queue: 'default',
      delay_seconds: null,
      ...more,
    });

  it('is answered header for header, from the first request to the end of the run', async () => {
    const { raw, port, room } = barbeque;
    const made = await raw(post(port, '/v2/job_executions', wish()));
    expectDocument(made, 201);
    const id = String(jsonOf(made)['message_id']);
    expect(made.body).to.equal(`{"message_id":"${id}","status":"pending","id":null}`);
    expect(made.headers['content-length']).to.equal('82');
    const path = `/v1/job_executions/${id}`;
    const waiting = await raw(get(port, path));
    expectDocument(waiting, 200);
    expect([waiting.body, waiting.headers['etag']]).to.deep.equal([made.body, made.headers['etag']]);
    const taken = await startNext(room);
    expect((await raw(get(port, path))).body).to.equal(
      `{"message_id":"${id}","status":"running","id":${taken.attempt.key}}`,
    );
    const { key } = taken.attempt;
    await end(room, taken);
    const usual = `{"message_id":"${id}","status":"success","id":${key}`;
    const url = `"html_url":"http://localhost:${port}/job_executions/${id}"`;
    for (const [fields, body] of [
      ['__default__%2Chtml_url', `${usual},${url}}`],
      ['%2A', `${usual},${url},"message":{"recipe_id":1}}`],
      ['__default__,message', `${usual},"message":{"recipe_id":1}}`],
      ['message%5Brecipe_id%5D', '{"message":{"recipe_id":1}}'],
    ] as const) {
      const shown = await raw(get(port, `${path}?fields=${fields}`));
      expectDocument(shown, 200);
      expect(shown.body).to.equal(body);
    }
  });

  it('as a retry makes an execution that can be asked for', async () => {
    const { raw, port } = barbeque;
    const id = String(
      jsonOf(await raw(post(port, '/v2/job_executions', wish({ queue: 'slow' }))))['message_id'],
    );
    const retry = await raw(post(port, `/v1/job_executions/${id}/retries`, '{"delay_seconds":44}'));
    expectDocument(retry, 201);
    const retryId = String(jsonOf(retry)['message_id']);
    expect(retry.body).to.equal(`{"message_id":"${retryId}","status":"pending"}`);
    expect(retryId).not.to.equal(id);
    const { body } = await raw(get(port, `/v1/job_executions/${retryId}?fields=__default__%2Cmessage`));
    expect(body).to.equal(
      `{"message_id":"${retryId}","status":"pending","id":null,"message":{"recipe_id":1}}`,
    );
  });

  it('brings a request id, of which what is safe comes back', async () => {
    const { raw, port } = barbeque;
    const idOf = async (given: string) =>
      (
        await raw(
          get(port, '/v1/job_executions/15aca944-317a-41e0-b516-11b521b112bc', `X-Request-Id: ${given}\r\n`),
        )
      ).headers['x-request-id'];
    expect(await idOf('abc-123@x_y z!')).to.equal('abc-123@x_yz');
    expect(await idOf('x'.repeat(300))).to.equal('x'.repeat(255));
    expect(await idOf('!!!')).to.match(uuid);
    expect(barbeque.told.filter((line) => line.includes('"abc-123@x_yz"'))).to.have.length(1);
  });

  it('has a body only where it asks for one', async () => {
    const { raw, port } = barbeque;
    const made = await raw(post(port, '/v2/job_executions', wish({ queue: 'slow' })));
    const path = `/v1/job_executions/${String(jsonOf(made)['message_id'])}`;
    const etag = made.headers['etag'] ?? '';
    for (const known of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const same = await raw(get(port, path, `If-None-Match: ${known}\r\n`));
      expect([same.status, same.body]).to.deep.equal([304, '']);
      expect(same.headers).to.include({ etag, 'cache-control': fresh });
      expect(same.headers).not.to.have.any.keys('content-type', 'content-length');
    }
    expectDocument(await raw(get(port, path, 'If-None-Match: W/"0"\r\n')), 200);
    expect(
      (await raw(post(port, '/v2/job_executions', wish({ queue: 'slow' }), 'If-None-Match: *\r\n'))).status,
    ).to.equal(201);
    const nothing = await raw(get(port, path).replace('GET', 'HEAD'));
    expect([nothing.status, nothing.body]).to.deep.equal([204, '']);
    expect(nothing.headers).to.include({ 'cache-control': 'no-cache' });
    expect(nothing.headers).not.to.have.any.keys('content-type', 'etag');
  });

  it('may end in .json or a slash, and accept what it likes', async () => {
    const { raw, port } = barbeque;
    const made = await raw(post(port, '/v2/job_executions.json', wish({ queue: 'slow' })));
    expectDocument(made, 201);
    const path = `/v1/job_executions/${String(jsonOf(made)['message_id'])}`;
    for (const ending of ['', '/', '.json', '.json/', '.xml', '.json?fields='])
      expect(
        (await raw(get(port, path + ending).replace('application/json', 'text/html'))).body,
        ending,
      ).to.equal(made.body);
    expect((await raw(post(port, `${path}/retries.json`, '{}'))).status).to.equal(201);
    expect((await raw(post(port, '/v1/apps/blog/revision_lock.json/', '{"revision":"v1"}'))).status).to.equal(
      201,
    );
  });

  it('at an address that nothing is at is told so', async () => {
    const { send } = barbeque;
    const id = '15aca944-317a-41e0-b516-11b521b112bc';
    for (const [method, path] of [
      ['POST', '/v1/job_executions'],
      ['GET', '/v1/job_executions'],
      ['GET', '/v2/job_executions'],
      ['GET', `/v2/job_executions/${id}`],
      ['DELETE', `/v1/job_executions/${id}`],
      ['GET', `/v1/job_executions/${id}/retries`],
      ['GET', `/v1/job_executions/${id.toUpperCase()}`],
      ['GET', '/v1/job_executions/12'],
      ['POST', '/v1/job_executions/12/retries'],
      ['GET', '/v1/apps'],
      ['GET', '/v1/apps/blog/revision_lock'],
    ] as const) {
      const { status, headers, body } = await send(method, path);
      expect([status, body], `${method} ${path}`).to.deep.equal([404, '{"status":404,"error":"Not Found"}']);
      expect(headers['content-type']).to.equal('application/json; charset=UTF-8');
      expect(headers).not.to.have.any.keys('cache-control', 'etag', 'allow', 'x-api-version');
    }
  });

  it('is not taken for what the jobs API has beside it, nor the other way round', async () => {
    const { send } = barbeque;
    expect((await send('GET', '/v1/jobs?project_id=blog')).headers).to.include({ 'x-api-version': 'v1' });
    const unknown = await send('GET', '/v1/nothing');
    expect(unknown.headers).to.include({ 'x-api-version': 'v1' });
    expect(jsonOf(unknown)).to.include({ code: 'not_found' });
    expect((await send('GET', '/v1/job_executionsx')).headers).to.include({ 'x-api-version': 'v1' });
    expect((await send('GET', '/v2/nothing')).status).to.equal(404);
  });

  it('shows people the page of a run, without a word about whether it is there', async () => {
    const { send } = barbeque;
    const id = '15aca944-317a-41e0-b516-11b521b112bc';
    const page = await send('GET', `/job_executions/${id}`);
    expect([page.status, page.headers['location']]).to.deep.equal([302, `/#/jobs/${id}`]);
    expect((await send('GET', '/job_executions/12')).status).to.equal(404);
  });

  it('ends as the run does', async () => {
    const { room, enqueue, show } = barbeque;
    const id = String(jsonOf(await enqueue({ queue: 'default' }))['message_id']);
    await workOff(room, { reason: 'endpoint_rejected' });
    expect(jsonOf(await show(id))).to.include({ status: 'failed' });
  });
});

describe('a server with a public address', () => {
  it('names that one to people', async () => {
    const barbeque = await openBarbeque(
      {},
      { env: { PUBLIC_URL: 'https://ci.example/builds/', TOKEN: 'the-token-of-it' } },
    );
    try {
      const auth = { Authorization: 'Bearer the-token-of-it' };
      const made = await barbeque.send(
        'POST',
        '/v2/job_executions?fields=html_url,message_id',
        { application: 'blog', job: 'NotifyAuthor', queue: 'slow', message: 1 },
        auth,
      );
      const { message_id: id, html_url: url } = jsonOf(made);
      expect(url).to.equal(`https://ci.example/builds/job_executions/${String(id)}`);
      const { headers } = await barbeque.send('GET', `/job_executions/${String(id)}`);
      expect(headers['location']).to.equal(`https://ci.example/builds/#/jobs/${String(id)}`);
    } finally {
      await barbeque.close();
    }
  });
});
