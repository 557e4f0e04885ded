import { expect } from 'chai';
import { openV1, type Json, type V1 } from './fixture.ts';

const emptyHash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
const minute = 60_000;

describe('POST /v1/jobs/{job}/trigger', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  /** Triggers a new job of these fields. */
  const triggered = async (fields: Json, body?: unknown, headers?: Record<string, string>) => {
    const job = await v1.job(fields);
    return v1.post(`/v1/jobs/${job.id}/trigger`, body, headers);
  };
  const runs = async (job: { id: string }) => (await v1.get(`/v1/runs?job_id=${job.id}`)).list;

  it('makes a run and shows it whole, with its token (F1)', async () => {
    const job = await v1.job({ tags: { a: '1' } });
    for (const body of [undefined, {}, '']) {
      const { status, json, text, headers } = await v1.post(`/v1/jobs/${job.id}/trigger`, body);
      expect(status).to.equal(202);
      expect(json).to.include({
        job_id: job.id,
        project_id: 'p1',
        status: 'queued',
        attempt: 1,
        triggered_by: 'manual',
        priority: 0,
        job_version: 1,
        job_version_id: job.version_id,
        debug_mode: false,
        lineage_depth: 0,
        idempotency_hit: false,
        payload_hash: emptyHash,
      });
      expect(json['payload']).to.deep.equal({});
      expect(json['run_token']).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(headers.get('Location')).to.equal(`/v1/runs/${String(json['id'])}`);
      expect(text).not.to.include('null');
    }
    expect(await runs(job)).to.have.length(3);
  });

  it('finds the job by its slug too, and not that of another project', async () => {
    const job = await v1.job();
    expect((await v1.post(`/v1/jobs/${job.slug}/trigger?project_id=p1`)).status).to.equal(202);
    const other = await v1.key({ project: 'p2' });
    const { status, json } = await other.post(`/v1/jobs/${job.id}/trigger`);
    expect([status, json['error']]).to.deep.equal([404, 'job not found']);
  });

  it('needs the scope jobs:trigger (A6)', async () => {
    const job = await v1.job();
    const key = await v1.key({ scopes: ['jobs:read', 'jobs:write'] });
    const { status, json } = await key.post(`/v1/jobs/${job.id}/trigger`);
    expect(status).to.equal(403);
    expect(json['message']).to.include('jobs:trigger');
    const author = await v1.key({ scopes: ['jobs:trigger'] });
    const made = await author.post(`/v1/jobs/${job.id}/trigger`);
    expect(made.json).to.include({ created_by: `apikey:${author.id}` });
  });

  it('refuses a disabled job before it looks at the body (F5, F25)', async () => {
    for (const body of [{}, { dry_run: true }, '{bad']) {
      const { status, json } = await triggered({ enabled: false }, body);
      expect([status, json['error']]).to.deep.equal([400, 'job is disabled']);
    }
  });

  it('refuses what is no JSON object', async () => {
    for (const body of ['{bad', '[]', '1', '"x"']) {
      const { status, json } = await triggered({}, body);
      expect([status, json['error']]).to.deep.equal([400, 'invalid request body']);
    }
  });

  it('takes priorities from 0 to 10 (F6)', async () => {
    for (const priority of [0, 10]) expect((await triggered({}, { priority })).json).to.include({ priority });
    for (const priority of [-1, 11, 1.5, '1'])
      expect((await triggered({}, { priority })).status).to.equal(400);
  });

  it('leaves out fields that it does not know, and those that are null', async () => {
    const body = { foo: 1, batch_key: 'x', priority: null, payload: null, tags: null, ttl_secs: 0 };
    expect((await triggered({}, body)).json).to.include({ payload_hash: emptyHash });
  });

  it('checks the payload by the schema of the job (F8, F10)', async () => {
    const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } };
    const refused = await triggered({ payload_schema: schema }, { payload: {} });
    expect(refused.status).to.equal(400);
    expect(refused.json['error']).to.equal('payload validation failed: $.a is required');
    const half = await triggered({ payload_schema: schema }, { payload: { a: 1.5 } });
    expect(half.json['error']).to.equal('payload validation failed: $.a must be integer');
    expect((await triggered({ payload_schema: schema }, { payload: { a: 1 } })).status).to.equal(202);
  });

  it('keeps the payload as it was sent, letter by letter', async () => {
    const payload = '{ "z": 12345678901234567890, "2": [1.0, "a,\\"}]\\\\"], "1": {"é\\u00e9": "\\u0000"} }';
    const body = `{"payload": 1, "pay\\u006coad" : ${payload}\n, "tags": {"payload": "x"}}`;
    const { json } = await triggered({}, body);
    const stored = await v1.room.store.read.runBody(String(json['id']));
    expect(stored.payload).to.equal(payload);
    expect(json['payload']).to.deep.equal(JSON.parse(payload));
  });

  it('shows a payload that is no object in one', async () => {
    for (const payload of [[1, 2], 'text', 7, false])
      expect((await triggered({}, { payload })).json['payload']).to.deep.equal({ value: payload });
  });

  it('refuses more payload than 5 MiB (F26)', async () => {
    const { status, json } = await triggered({}, { payload: 'x'.repeat(5 * 1024 * 1024) });
    expect(status).to.equal(413);
    expect(json['error']).to.equal('payload too large (max 5242880 bytes)');
    const fits = await triggered({}, { payload: 'x'.repeat(5 * 1024 * 1024 - 2) });
    expect(fits.status).to.equal(202);
  });

  const expiry = ({ json }: { json: Json }) =>
    Date.parse(String(json['expires_at'])) - Date.parse(String(json['created_at']));

  it('lets the run expire by the trigger, the job or its timeout (F13, F14)', async () => {
    expect(expiry(await triggered({ run_ttl_secs: 600 }))).to.equal(10 * minute);
    expect(expiry(await triggered({ timeout_secs: 60 }))).to.equal(2 * minute);
    expect(expiry(await triggered({ run_ttl_secs: 600 }, { ttl_secs: 30 }))).to.equal(minute / 2);
    expect((await triggered({}, { ttl_secs: 3_000_000 })).status).to.equal(400);
  });

  it('lays its tags and metadata over those of the job (F16)', async () => {
    const job = { tags: { a: '1', b: '2' }, default_run_metadata: { m: '1', n: '2' } };
    const { json } = await triggered(job, { tags: { b: '3' }, metadata: { n: '4' } });
    expect(json['tags']).to.deep.equal({ a: '1', b: '3' });
    expect(json['metadata']).to.deep.equal({ m: '1', n: '4' });
    expect((await triggered({}, { metadata: { a: 1 } })).status).to.equal(400);
    expect((await triggered({}, { metadata: { a: 'x'.repeat(70_000) } })).status).to.equal(400);
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`t${at}`, '']));
    expect((await triggered({}, { tags: many })).json['error']).to.equal('too many tags (max 20)');
  });

  it('keeps the trace of the caller (F27)', async () => {
    const headers = {
      Traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      Tracestate: 'a=b',
    };
    const { json } = await triggered({}, {}, headers);
    expect(json['metadata']).to.deep.equal({ traceparent: headers.Traceparent, tracestate: 'a=b' });
  });

  it('makes no more runs than the rate of the job allows (F18)', async () => {
    const job = await v1.job({ rate_limit_max: 2, rate_limit_window_secs: 60 });
    const statuses: number[] = [];
    for (let times = 0; times < 3; times++)
      statuses.push((await v1.post(`/v1/jobs/${job.id}/trigger`)).status);
    expect(statuses).to.deep.equal([202, 202, 429]);
    expect(await runs(job)).to.have.length(2);
  });

  it('answers the same payload with the same run within the window (F19, F20)', async () => {
    const job = await v1.job({ dedup_window_secs: 300 });
    const ask = (body: string) => v1.post(`/v1/jobs/${job.id}/trigger`, body);
    const first = await ask('{"payload": {"a":1,"b":2}}');
    const second = await ask('{"payload": {"b":2, "a":1}}');
    expect(second.json).to.deep.equal({
      id: first.json['id'],
      status: 'queued',
      payload_hash: first.json['payload_hash'],
      idempotency_hit: false,
    });
    expect((await ask('{"payload": {"a":2}}')).json['id']).not.to.equal(first.json['id']);
  });

  it('waits for the execution window (F21, F22)', async () => {
    const { json } = await triggered({ execution_window_cron: '0 0 1 1 *' });
    const year = new Date().getUTCFullYear() + 1;
    expect(json).to.include({ status: 'delayed', scheduled_at: `${year}-01-01T00:00:00.000Z`, attempt: 0 });
    expect((await triggered({ execution_window_cron: '* * * * *' })).json).to.include({ status: 'queued' });
  });

  it('waits for scheduled_at, at most 30 days', async () => {
    const at = (ms: number) => new Date(v1.room.now() + ms).toISOString();
    const hour = at(60 * minute);
    expect((await triggered({}, { scheduled_at: hour })).json).to.include({
      status: 'delayed',
      scheduled_at: hour,
    });
    for (const scheduled_at of [at(31 * 24 * 60 * minute), 'tomorrow', 1, at(-60 * minute)])
      expect((await triggered({}, { scheduled_at })).status, String(scheduled_at)).to.equal(400);
  });

  it('holds triggers together where the job debounces them', async () => {
    const job = await v1.job({ debounce_window_secs: 60 });
    const ask = (n: number) => v1.post(`/v1/jobs/${job.id}/trigger`, { payload: { n }, debounce_key: 'k' });
    const first = await ask(1);
    expect(first.status).to.equal(202);
    expect(first.json).to.include({ debounced: true }).and.to.have.all.keys('debounced', 'fire_at', 'id');
    const second = await ask(2);
    expect(second.json['id']).to.equal(first.json['id']);
    const [run] = await runs(job);
    expect(run).to.deep.include({ id: first.json['id'], status: 'delayed', payload: { n: 2 } });
  });

  it('says with dry_run what would happen, and does nothing (F24, F25)', async () => {
    const job = await v1.job({ payload_schema: { required: ['a'] } });
    const ask = (body: Json) => v1.post(`/v1/jobs/${job.id}/trigger`, { dry_run: true, ...body });
    const { status, json } = await ask({ payload: { a: 1 }, idempotency_key: 'k' });
    expect(status).to.equal(200);
    expect(json['job']).to.include({ id: job.id });
    expect(json).to.deep.include({ payload: { a: 1 }, validation_warnings: [] });
    expect(json).to.include.all.keys('payload_hash', 'expires_at').and.not.include.keys('scheduled_at');
    expect((await ask({ payload: {} })).status).to.equal(400);
    expect((await ask({ payload: { a: 1 }, priority: 11 })).status).to.equal(400);
    expect(await runs(job)).to.deep.equal([]);
  });

  it('builds an image job from the ref of the payload', async () => {
    const image = { source: { account: 'acme', repo: 'site' } };
    const job = { image, endpoint_url: undefined, project_id: 'acme' };
    expect((await triggered(job, {})).json['error']).to.include('payload.ref is missing');
    const { json } = await triggered(job, { payload: { ref: 'v2' } });
    expect(json).to.deep.include({ status: 'queued', payload: { ref: 'v2' } });
    expect(await v1.room.store.read.run(String(json['id']))).to.include({ ref: 'v2', kind: 'image' });
  });
});
