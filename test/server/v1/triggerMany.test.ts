import { expect } from 'chai';
import { type Json, openV1, type ShownJob, type V1 } from './fixture.ts';

describe('POST /v1/jobs/{job}/trigger/bulk', () => {
  let v1: V1;
  let job: ShownJob;
  before(async () => (v1 = await openV1()));
  beforeEach(async () => (job = await v1.job()));
  after(() => v1[Symbol.asyncDispose]());

  const trigger = (items: unknown, headers?: Record<string, string>) =>
    v1.post(`/v1/jobs/${job.id}/trigger/bulk`, { items }, headers);
  const runs = async () => (await v1.get(`/v1/runs?job_id=${job.id}`)).list;
  const resultsOf = (json: Json) => json['results'] as Json[];

  it('makes a run of each item, in order, in one batch (H1)', async () => {
    const { status, json, text } = await trigger([{}, { payload: { a: 1 }, priority: 2 }]);
    expect(status).to.equal(201);
    expect(json).to.include({ total: 2, created: 2 });
    for (const result of resultsOf(json)) {
      expect(result).to.include({ status: 'queued', idempotency_hit: false });
      expect(result['run_token']).to.be.a('string');
    }
    expect(text).not.to.include('null');
    const found = (await v1.get(`/v1/runs?project_id=p1&batch_id=${String(json['batch_id'])}`)).list;
    expect(found.map(({ id }) => id)).to.deep.equal(
      resultsOf(json)
        .map(({ id }) => id)
        .toReversed(),
    );
    expect(found[0]).to.deep.include({ payload: { a: 1 }, priority: 2, batch_id: json['batch_id'] });
  });

  it('keeps each payload as it was sent', async () => {
    const texts = ['{"b": 1.0, "a":"[,]"}', '[ 1, {"x":[]} ]', '"}"'];
    const items = texts.map((text) => `{"tags":{"payload":"no"}, "payload" : ${text} }`);
    const { json } = await v1.post(`/v1/jobs/${job.id}/trigger/bulk`, `{"items":[ ${items.join(' ,\n')} ]}`);
    const ids = resultsOf(json).map(({ id }) => String(id));
    const bodies = await v1.room.store.read.runBodies(ids);
    expect(bodies.map(({ payload }) => payload)).to.deep.equal(texts);
  });

  it('takes from 1 to 500 items (H3)', async () => {
    const many = await trigger(Array.from({ length: 501 }, () => ({})));
    expect([many.status, many.json['error']]).to.deep.equal([400, 'maximum 500 items']);
    expect((await trigger([])).json['error']).to.equal('items must not be empty');
    for (const items of [undefined, null, {}, 'x'])
      expect((await trigger(items)).json['error']).to.equal('items is required');
    expect(await runs()).to.deep.equal([]);
    const all = await trigger(Array.from({ length: 500 }, () => ({})));
    expect(all.json).to.include({ total: 500, created: 500 });
  });

  it('knows no job that is not there, and refuses a disabled one (H4)', async () => {
    expect((await v1.post('/v1/jobs/none/trigger/bulk', { items: [{}] })).status).to.equal(404);
    await v1.patch(`/v1/jobs/${job.id}`, { enabled: false });
    const { status, json } = await trigger([{}]);
    expect([status, json['error']]).to.deep.equal([400, 'job is disabled']);
  });

  it('says which run is delayed (H5)', async () => {
    const scheduled_at = new Date(v1.room.now() + 3_600_000).toISOString();
    const { json } = await trigger([{}, { scheduled_at }]);
    expect(resultsOf(json).map(({ status }) => status)).to.deep.equal(['queued', 'delayed']);
  });

  it('counts keys that are met, also within the request (H7)', async () => {
    const { json: first } = await v1.post(`/v1/jobs/${job.id}/trigger`, { idempotency_key: 'k' });
    const items = ['k', 'new', 'new'].map((idempotency_key) => ({ idempotency_key }));
    const { json } = await trigger(items);
    expect(json).to.include({ total: 3, created: 1 });
    const [hit, made, again] = resultsOf(json);
    expect(hit).to.deep.equal({ id: first['id'], status: 'queued', idempotency_hit: true });
    expect(made).to.include({ idempotency_hit: false });
    expect(again).to.include({ id: made?.['id'], idempotency_hit: true });
  });

  it('does not look at headers of keys (H8)', async () => {
    const { json } = await trigger([{}, {}], { 'Idempotency-Key': 'k' });
    expect(json).to.include({ created: 2 });
    expect((await runs()).some((run) => 'idempotency_key' in run)).to.equal(false);
  });

  it('makes nothing where one item is wrong, and says which (H9)', async () => {
    await v1.patch(`/v1/jobs/${job.id}`, { payload_schema: { required: ['a'] } });
    const bySchema = await trigger([{ payload: { a: 1 } }, { payload: {} }]);
    expect(bySchema.status).to.equal(400);
    expect(bySchema.json['error']).to.equal('items[1]: payload validation failed: $.a is required');
    const byField = await trigger([{ payload: { a: 1 } }, { priority: 11 }, 7]);
    expect(byField.json['error']).to.equal('items[1]: priority must be at most 10');
    expect((await trigger([{ payload: { a: 1 } }, 7])).json['error']).to.equal(
      'items[1]: invalid request body',
    );
    expect(await runs()).to.deep.equal([]);
  });
});
