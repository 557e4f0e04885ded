import { expect } from 'chai';
import { type Answer, type Json, openV1, type V1 } from './fixture.ts';
import { workOff } from './workOff.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const whole: Check = Number.isSafeInteger;
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const time: Check = (value) => text(value) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(value));
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const texts: Check = (value) => object(value) && Object.values(value as object).every(text);
const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const checks = { text, whole, number, flag, time, object, texts };

/** Fields by their type. */
function fields(named: Partial<Record<keyof typeof checks, string>>): Record<string, Check> {
  const pairs = Object.entries(named).flatMap(([type, names]) =>
    names.split(' ').map((name) => [name, checks[type as keyof typeof checks]] as const),
  );
  return Object.fromEntries(pairs);
}

/** Fields that may be absent and are never null. */
function optional(all: Record<string, Check>): Record<string, Check> {
  const pairs = Object.entries(all).map(
    ([name, check]) => [name, (value: unknown) => value === undefined || check(value)] as const,
  );
  return Object.fromEntries(pairs);
}

const defined = {
  ...fields({
    text: 'id name slug endpoint_url',
    whole: 'max_attempts timeout_secs version',
    time: 'created_at',
  }),
  ...optional(
    fields({
      text: 'description cron fallback_endpoint_url webhook_url webhook_secret',
      object: 'payload_schema',
      texts: 'tags',
      whole: 'run_ttl_secs',
    }),
  ),
};
const rateLimitKey = fields({ text: 'name', whole: 'max window_secs' });
const job = {
  ...defined,
  ...fields({ text: 'project_id version_id', flag: 'enabled', time: 'updated_at' }),
  version_policy: (value: unknown) => ['pin', 'latest', 'minor'].includes(String(value)),
  ...optional({
    ...fields({
      text: 'group_id environment_id timezone execution_window_cron retry_strategy created_by updated_by',
      whole:
        'max_concurrency max_concurrency_per_key rate_limit_max rate_limit_window_secs dedup_window_secs',
      flag: 'backwards_compatible',
      texts: 'default_run_metadata',
    }),
    retry_delays_secs: list(whole),
    rate_limit_keys: list((key) => misfit(rateLimitKey, key as Json) === undefined),
  }),
};
const version = { ...defined, ...fields({ text: 'job_id' }) };
const trace = fields({
  whole: 'queue_wait_ms dequeue_ms connect_ms ttfb_ms transfer_ms total_ms dispatch_ms',
});
const run = {
  ...fields({
    text: 'id job_id project_id status triggered_by',
    whole: 'attempt priority job_version lineage_depth',
    flag: 'debug_mode',
    time: 'created_at',
  }),
  ...optional({
    ...fields({
      object: 'payload result',
      texts: 'metadata tags',
      text: 'error parent_run_id idempotency_key job_version_id created_by batch_id concurrency_key',
      time: 'scheduled_at started_at finished_at heartbeat_at next_retry_at expires_at',
    }),
    execution_trace: (value) => misfit(trace, value as Json) === undefined,
  }),
};
const dependency = fields({ text: 'id job_id depends_on_job_id condition', time: 'created_at' });
const health = fields({
  whole: 'total_runs completed_runs failed_runs timed_out_runs crashed_runs canceled_runs expired_runs',
  number: 'success_rate avg_duration_secs p95_duration_secs health_score',
});
const bulkResult = {
  ...fields({ text: 'id status', flag: 'idempotency_hit' }),
  ...optional(fields({ text: 'run_token' })),
};

/** The first field that a client which reads by the document's types stumbles over. */
function misfit(all: Record<string, Check>, value: Json): string | undefined {
  return Object.entries(all).find(([name, check]) => !check(value[name]))?.[0];
}

function decoded(all: Record<string, Check>, value: Json): Json {
  expect(misfit(all, value), JSON.stringify(value)).to.equal(undefined);
  return value;
}

/** Clients made for the document: a type of JSON on every request, parts of paths escaped, four statuses are good. */
describe('a typed client', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  async function call(method: string, parts: string[], body?: unknown, query = ''): Promise<Answer> {
    const path = `/v1/${parts.map(encodeURIComponent).join('/')}${query}`;
    const answer = await v1.send(method, path, body, { 'Content-Type': 'application/json', Accept: '*/*' });
    expect(answer.status, answer.text).to.be.oneOf([200, 201, 202, 204]);
    return answer;
  }
  const full = (slug: string) => ({
    project_id: 'p1',
    name: 'Name',
    slug,
    endpoint_url: 'http://127.0.0.1/x',
    fallback_endpoint_url: 'http://127.0.0.1/y',
    description: 'd',
    group_id: 'g',
    environment_id: 'e',
    cron: '0 0 1 1 *',
    timezone: 'Europe/Berlin',
    execution_window_cron: '* * * * *',
    payload_schema: { type: 'object' },
    tags: { a: 'b' },
    default_run_metadata: { m: 'n' },
    max_attempts: 2,
    timeout_secs: 5,
    max_concurrency: 3,
    max_concurrency_per_key: 2,
    rate_limit_max: 99,
    rate_limit_window_secs: 60,
    rate_limit_keys: [{ name: 'k', max: 9, window_secs: 1 }],
    dedup_window_secs: 7,
    run_ttl_secs: 60,
    retry_strategy: 'custom',
    retry_delays_secs: [1, 2],
    webhook_url: 'http://127.0.0.1/z',
    webhook_secret: 'secret',
    backwards_compatible: true,
    enabled: true,
  });

  it('can read the answer of every operation on jobs (K1)', async () => {
    const { json } = await call('POST', ['jobs'], full('ä/ö?#%'));
    const { id, version_id } = decoded(job, json) as { id: string; version_id: string };
    expect(json).to.deep.include({ ...full('ä/ö?#%'), webhook_secret: '********' });
    const made = (await call('POST', ['jobs', 'batch'], [full('b1'), full('b2')])).list;
    const [other = ''] = made.map((one) => String(decoded(job, one)['id']));
    for (const one of (await call('GET', ['jobs'], undefined, '?project_id=p1')).list) decoded(job, one);
    for (const word of ['batch-disable', 'batch-enable'])
      expect((await call('POST', ['jobs', word], { job_ids: [id] })).json).to.deep.equal({ updated: 1 });
    decoded(job, (await call('GET', ['jobs', 'ä/ö?#%'], undefined, '?project_id=p1')).json);
    decoded(job, (await call('PATCH', ['jobs', id], { name: 'Other', tags: {} })).json);
    for (const one of (await call('GET', ['jobs', id, 'versions'])).list) decoded(version, one);
    decoded(version, (await call('GET', ['jobs', id, 'versions', version_id])).json);
    decoded(job, (await call('POST', ['jobs', id, 'clone'], { name: 'c', slug: 'c' })).json);
    decoded(health, (await call('GET', ['jobs', id, 'health'], undefined, '?window=1d')).json);
    const linked = await call('POST', ['jobs', id, 'dependencies'], { depends_on_job_id: other });
    decoded(dependency, linked.json);
    for (const one of (await call('GET', ['jobs', id, 'dependencies'])).list) decoded(dependency, one);
    const removed = await call('DELETE', ['jobs', id, 'dependencies', String(linked.json['id'])]);
    expect([removed.status, removed.text]).to.deep.equal([204, '']);
    expect((await call('DELETE', ['jobs', id])).status).to.equal(204);
  });

  it('can read runs, from the trigger to the end, also where payload and result are no objects (K1, K3)', async () => {
    const { id } = await v1.job();
    const body = { payload: [1], priority: 1, metadata: { a: 'b' }, idempotency_key: 'k' };
    const first = decoded(run, (await call('POST', ['jobs', id, 'trigger'], body)).json);
    const hit = (await call('POST', ['jobs', id, 'trigger'], body)).json;
    expect(hit).to.deep.equal({ id: first['id'], status: 'queued', idempotency_hit: true });
    await workOff(v1.room, { output: '[null]' });
    const over = decoded(run, (await call('GET', ['runs', String(first['id'])])).json);
    expect(over).to.deep.include({ status: 'completed', payload: { value: [1] }, result: { value: [null] } });
    const items = [{ payload: { a: 1 }, priority: 2, idempotency_key: 'x', tags: { a: 'b' } }, {}];
    const bulk = (await call('POST', ['jobs', id, 'trigger', 'bulk'], { items })).json;
    expect(bulk).to.include({ total: 2, created: 2 });
    for (const one of bulk['results'] as Json[]) decoded(bulkResult, one);
    for (const one of (await call('GET', ['runs'], undefined, `?project_id=p1&job_id=${id}`)).list)
      decoded(run, one);
    const dry = (await call('POST', ['jobs', id, 'trigger'], { dry_run: true })).json;
    decoded(job, dry['job'] as Json);
  });

  it('that reads pages gets an object (K6)', async () => {
    const { json } = await call('GET', ['jobs'], undefined, '?project_id=p1&limit=1');
    expect(json).to.have.property('data').with.length(1);
    decoded(job, (json['data'] as Json[])[0] ?? {});
  });

  it('finds what went wrong in one text (K5)', async () => {
    const { status, json } = await v1.get('/v1/jobs/nobody', { 'Content-Type': 'application/json' });
    expect(status).to.equal(404);
    expect(json).to.include({ error: 'job not found', message: 'job not found', code: 'not_found' });
  });
});
