import { expect } from 'chai';
import { type Barbeque, jsonOf, openBarbeque } from './fixture.ts';

const invalid = (name: string, what = 'String') =>
  `{"status_code":400,"error_code":"invalid_parameter","message":"params[:${name}] must be a valid ${what}"}`;
const badRequest = '{"status":400,"error":"Bad Request"}';
const badFields = '{"status_code":400,"error":"Invalid query in ?fields="}';
const noQueue =
  '{"status_code":404,"error_code":"record_not_found","message":"Couldn\'t find Barbeque::JobQueue with [WHERE `barbeque_job_queues`.`name` = ?]"}';
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const path = '/v2/job_executions';

describe('enqueuing an execution', () => {
  let barbeque: Barbeque;
  before(async () => {
    barbeque = await openBarbeque();
  });
  after(() => barbeque.close());

  /** The run that an answer tells of. */
  async function runOf(answer: { body: string }) {
    const { message_id: id } = JSON.parse(answer.body) as { message_id: string };
    const run = await barbeque.room.store.read.run(id);
    const { payload } = await barbeque.room.store.read.runBody(id);
    return { run, payload };
  }

  it('tells the first mistake, in the order of the parameters', async () => {
    const steps: [fields: Record<string, unknown>, body: string][] = [
      [
        { application: null, job: null, queue: null, message: null, delay_seconds: 'x' },
        invalid('application'),
      ],
      [{ application: 1, job: null }, invalid('application')],
      [{ application: ['blog'] }, invalid('application')],
      [{ job: null, queue: null, message: null }, invalid('job')],
      [{ job: {}, message: null }, invalid('job')],
      [{ queue: null, message: null }, invalid('queue')],
      [{ queue: false, message: null }, invalid('queue')],
      [{ message: null, delay_seconds: 'x' }, invalid('message', 'value')],
      [{ delay_seconds: 'x', fields: ',', queue: 'nope' }, invalid('delay_seconds', 'Integer')],
      [{ fields: 'id,', queue: 'nope', job: 'Nope' }, badFields],
      [{ fields: ['id'] }, badFields],
      [{ queue: 'nope', job: 'Nope', delay_seconds: 901 }, noQueue],
      [{ queue: '' }, noQueue],
      [{ queue: 'NUL\0' }, noQueue],
    ];
    for (const [fields, body] of steps) {
      const answer = await barbeque.enqueue(fields);
      expect(answer.body, JSON.stringify(fields)).to.equal(body);
      expect(answer.status).to.equal(body === noQueue ? 404 : 400);
      expect(answer.headers).to.include({
        'cache-control': 'no-cache',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(answer.headers).not.to.have.any.keys('etag', 'x-api-version');
    }
  });

  it('refuses jobs that there are not, by their names as they stand', async () => {
    for (const [application, job] of [
      ['blog', 'Nope'],
      ['nope', 'NotifyAuthor'],
      ['Blog', 'NotifyAuthor'],
      ['blog', 'notifyauthor'],
      ['', ''],
    ] as const) {
      const { status, body } = await barbeque.enqueue({ application, job, delay_seconds: 901 });
      const error = `JobDefinition '${job}' isn't defined in '${application}' application`;
      expect([status, body]).to.deep.equal([400, JSON.stringify({ error })]);
    }
  });

  it('takes any delay that is a whole number of seconds up to 900', async () => {
    const before = Date.now();
    for (const [delay, seconds] of [
      [300, 300],
      ['300', 300],
      ['007', 7],
      [900, 900],
      [0, 0],
      ['-0', 0],
      [null, 0],
    ] as const) {
      const answer = await barbeque.enqueue({ delay_seconds: delay });
      expect(answer.status, `${delay}: ${answer.body}`).to.equal(201);
      const { run } = await runOf(answer);
      if (seconds === 0) expect(run).to.include({ state: 'queued', scheduledAt: null });
      else {
        expect(run?.state).to.equal('delayed');
        expect(run?.scheduledAt ?? 0).to.be.within(before + seconds * 1000, Date.now() + seconds * 1000);
      }
    }
    for (const delay of [1.5, '', 'x', ' 5', '5 ', true, [], {}, '1e2', '+5', '5\n', 1e21])
      expect((await barbeque.enqueue({ delay_seconds: delay })).body, JSON.stringify(delay)).to.equal(
        invalid('delay_seconds', 'Integer'),
      );
    for (const delay of [901, -1, '901', 99999999999999999999n.toString()]) {
      const error = `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`;
      const { status, body } = await barbeque.enqueue({ delay_seconds: delay });
      expect([status, body]).to.deep.equal([
        400,
        JSON.stringify({ error }).replaceAll('>', '\\u003e').replaceAll('<', '\\u003c'),
      ]);
    }
  });

  it('keeps any message as it was sent', async () => {
    const texts = [
      '{ "b": 1,  "a": [1, null, 2] }',
      '0',
      '""',
      'false',
      '[]',
      '{}',
      '[null]',
      '12345678901234567890',
      '"s"',
      '1.50',
    ];
    for (const text of texts) {
      const body = `{"application":"blog","job":"NotifyAuthor","queue":"slow","message": ${text} }`;
      const answer = await barbeque.send('POST', path, body);
      expect(answer.status, `${text}: ${answer.body}`).to.equal(201);
      expect((await runOf(answer)).payload).to.equal(text);
    }
  });

  it('puts the run into its queue, as a run of its project', async () => {
    const { run } = await runOf(await barbeque.enqueue());
    expect(run).to.include({
      project: 'blog',
      slug: 'NotifyAuthor',
      queue: 'slow',
      trigger: 'api',
      kind: 'http',
    });
    expect((await runOf(await barbeque.enqueue({ queue: 'default' }))).run?.queue).to.equal('default');
  });

  it('reads forms and queries too, and the query first', async () => {
    const pairs = 'application=blog&job=NotifyAuthor&queue=slow';
    const ofForm = await barbeque.send(
      'POST',
      path,
      `${pairs}&message[recipe][id]=1&message[tags][]=a&message[tags][]=b`,
      form,
    );
    expect((await runOf(ofForm)).payload).to.equal('{"recipe":{"id":"1"},"tags":["a","b"]}');
    const ofQuery = await barbeque.send('POST', `${path}?${pairs}&message=hello&delay_seconds=5`);
    const { run, payload } = await runOf(ofQuery);
    expect([payload, run?.state]).to.deep.equal(['"hello"', 'delayed']);
    const both = await barbeque.enqueue(
      { application: 'nope', queue: 'nope' },
      `${path}?application=blog&queue=slow&fields=id`,
    );
    expect([both.status, both.body]).to.deep.equal([201, '{"id":null}']);
    const mixed = 'message[a]=1&message=2';
    expect((await runOf(await barbeque.send('POST', path, `${pairs}&${mixed}`, form))).payload).to.equal(
      '"2"',
    );
    for (const broken of [
      'message=2&message[a]=1',
      'message[]=1&message[a]=2',
      `message${'[a]'.repeat(101)}=1`,
    ]) {
      const { status, body } = await barbeque.send('POST', path, `${pairs}&${broken}`, form);
      expect([status, body], broken).to.deep.equal([400, badRequest]);
    }
  });

  it('reads nothing from a body of another type, or one that is no object', async () => {
    const body = { application: 'blog', job: 'NotifyAuthor', queue: 'slow', message: 1 };
    for (const type of ['text/plain', 'application/vnd.api+json', '', 'multipart/form-data; boundary=x'])
      expect((await barbeque.send('POST', path, body, { 'Content-Type': type })).body, type).to.equal(
        invalid('application'),
      );
    for (const other of ['[]', '"x"', 'null', '1', '', ' '])
      expect((await barbeque.send('POST', path, other)).body, other).to.equal(invalid('application'));
    const typed = await barbeque.send('POST', path, body, {
      'Content-Type': 'Application/JSON ; charset=utf-8',
    });
    expect(typed.status).to.equal(201);
  });

  it('shows the fields that are asked for', async () => {
    const { body } = await barbeque.enqueue({ fields: 'status,html_url,message' });
    expect(body).to.match(
      /^\{"status":"pending","html_url":"http:\/\/localhost:\d+\/job_executions\/[\da-f-]{36}","message":\{"recipe_id":1\}\}$/,
    );
    expect((await barbeque.enqueue({ fields: 'nosuch' })).body).to.equal('{}');
  });

  it('ignores what it does not know, and of two members with one name takes the last', async () => {
    const body =
      '{"application":"x","job":"NotifyAuthor","queue":"slow","message":1,"x":{"y":[]},"application":"blog","message":2}';
    expect((await runOf(await barbeque.send('POST', path, body))).payload).to.equal('2');
  });
});

describe('an application with rules of its own', () => {
  it('has its refusals told in the shape of this interface', async () => {
    const barbeque = await openBarbeque(
      {},
      {
        job: { payloadSchema: { type: 'object' }, queue: 'builds', rateLimitMax: 2, rateLimitWindowSecs: 60 },
      },
    );
    try {
      const wrong = await barbeque.enqueue({ message: 'text' });
      expect([wrong.status, jsonOf(wrong)['error_code']]).to.deep.equal([400, 'invalid_parameter']);
      expect(jsonOf(wrong)['message']).to.match(/^payload validation failed/);
      expect((await barbeque.enqueue({ queue: 'builds' })).status).to.equal(201);
      expect((await barbeque.enqueue()).status).to.equal(201);
      const tooMany = await barbeque.enqueue();
      expect(tooMany.status).to.equal(429);
      expect(jsonOf(tooMany)).to.include({ status_code: 429, error_code: 'rate_limited' });
      expect(Number(tooMany.headers['retry-after'])).to.be.within(1, 60);
      const job = await barbeque.room.store.read.jobBySlug('blog', 'NotifyAuthor');
      await barbeque.room.store.write((tx) => tx.setJobFlags([job?.id ?? ''], { enabled: false }, 1));
      expect(jsonOf(await barbeque.enqueue())).to.deep.equal({
        status_code: 400,
        error_code: 'invalid_parameter',
        message: 'job is disabled',
      });
    } finally {
      await barbeque.close();
    }
  });

  it('builds an image by a message', async () => {
    const barbeque = await openBarbeque();
    try {
      await barbeque.send('POST', '/v1/jobs', {
        project_id: 'acme',
        name: 'Site',
        slug: 'site',
        image: { source: { account: 'acme', repo: 'site' } },
      });
      const wish = { application: 'acme', job: 'site', queue: 'slow' };
      const made = await barbeque.enqueue({ ...wish, message: { ref: 'v1' } });
      expect(made.status, made.body).to.equal(201);
      const run = await barbeque.room.store.read.run(String(jsonOf(made)['message_id']));
      expect(run).to.include({ kind: 'image', ref: 'v1', queue: 'slow', state: 'queued' });
      const without = await barbeque.enqueue({ ...wish, message: {} });
      expect([without.status, jsonOf(without)['message']]).to.deep.equal([
        400,
        'payload.ref is missing: name the branch, tag or commit to build',
      ]);
    } finally {
      await barbeque.close();
    }
  });
});

describe('a server that answers as the original does', () => {
  it('takes jobs that nobody knows and shows what nobody knows as pending', async () => {
    const barbeque = await openBarbeque({ barbeque: { originalAnswers: true, maxDelaySeconds: 3600 } });
    try {
      const made = await barbeque.enqueue({ job: 'Nope', fields: '*' });
      const { message_id: id, ...rest } = jsonOf(made);
      expect(made.status).to.equal(201);
      expect(rest).to.deep.equal({ status: 'pending', id: null, html_url: null, message: null });
      expect((await barbeque.show(String(id))).body).to.equal(
        `{"message_id":"${String(id)}","status":"pending","id":null}`,
      );
      expect(jsonOf(await barbeque.show(String(id), '?fields=html_url,message'))).to.deep.equal({
        html_url: null,
        message: null,
      });
      expect((await barbeque.send('POST', `/v1/job_executions/${String(id)}/retries`)).status).to.equal(404);
      expect((await barbeque.enqueue({ queue: 'nope' })).status).to.equal(404);
      expect((await barbeque.enqueue({ delay_seconds: 3600 })).status).to.equal(201);
      expect((await barbeque.enqueue({ delay_seconds: 3601 })).body).to.include('3600.');
    } finally {
      await barbeque.close();
    }
  });
});
