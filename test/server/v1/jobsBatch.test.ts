import { expect } from 'chai';
import { type Json, openV1, type V1 } from './fixture.ts';

describe('batches of jobs', () => {
  let v1: V1;
  let count = 0;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  const item = (fields: Json = {}): Json => ({
    project_id: 'p1',
    name: 'n',
    slug: `batch-${++count}`,
    endpoint_url: 'http://127.0.0.1/',
    ...fields,
  });
  const indexes = (json: Json) => (json['errors'] as { index: number }[]).map(({ index }) => index);

  it('answers an array with an array (D1)', async () => {
    const { status, list } = await v1.post('/v1/jobs/batch', [item(), item({ version_policy: 'latest' })]);
    expect(status).to.equal(201);
    expect(list.map(({ version_policy }) => version_policy)).to.deep.equal(['pin', 'latest']);
  });

  it('answers an object with both lists (D2, D3)', async () => {
    const { status, json } = await v1.post('/v1/jobs/batch', { jobs: [item(), item({ name: '' })] });
    expect(status).to.equal(201);
    expect(json['created']).to.have.length(1);
    expect(json['errors']).to.deep.equal([
      { index: 1, message: 'name is required', details: ['name is required'] },
    ]);
  });

  it('is 400 where nothing could be made (D4)', async () => {
    for (const body of [{ jobs: [{}, {}] }, [{}, 'x']]) {
      const { status, json } = await v1.post('/v1/jobs/batch', body);
      expect([status, json['code'], json['created']]).to.deep.equal([400, 'validation_error', []]);
      expect(json['error']).to.equal(json['message']);
      expect(indexes(json)).to.deep.equal([0, 1]);
    }
  });

  it('holds from 1 to 50 (D5, D6)', async () => {
    for (const body of [[], { jobs: [] }, {}]) {
      const { status, json } = await v1.post('/v1/jobs/batch', body);
      expect([status, json['error']]).to.deep.equal([400, 'jobs array is required and must not be empty']);
    }
    const many = Array.from({ length: 51 }, () => item({ project_id: 'many' }));
    const { status, json } = await v1.post('/v1/jobs/batch', many);
    expect([status, json['error']]).to.deep.equal([400, 'too many jobs in batch (max 50)']);
    expect((await v1.get('/v1/jobs?project_id=many')).list).to.deep.equal([]);
  });

  it('makes the first of two with one slug (D7)', async () => {
    const { status, json } = await v1.post('/v1/jobs/batch', [
      item({ slug: 'twin' }),
      item({ slug: 'twin' }),
    ]);
    expect(status).to.equal(201);
    expect(json['errors']).to.deep.equal([{ index: 1, message: 'job with slug "twin" already exists' }]);
    expect(json['created']).to.have.length(1);
  });

  it('enables and disables without a version (D8-D10)', async () => {
    const [a, b] = [await v1.job({ cron: '* * * * *' }), await v1.job()];
    const shown = async () =>
      Promise.all([a, b].map(async ({ id }) => (await v1.get(`/v1/jobs/${id}`)).json));
    expect((await v1.post('/v1/jobs/batch-disable', { job_ids: [a.id, b.id] })).json).to.deep.equal({
      updated: 2,
    });
    for (const json of await shown()) expect(json).to.include({ enabled: false, version: 1 });
    expect(await v1.room.store.read.nextScheduleAt()).to.equal(undefined);
    const ids = { ids: [a.id, '0197b7a0-0000-7000-8000-000000000000', 'x'] };
    expect((await v1.post('/v1/jobs/batch-enable', ids)).json).to.deep.equal({ updated: 1 });
    expect((await shown()).map(({ enabled }) => enabled)).to.deep.equal([true, false]);
    const tick = await v1.room.store.read.nextScheduleAt();
    expect(tick).to.be.a('number');
    // A tick that is due is not lost by enabling what is enabled.
    v1.pass(120_000);
    await v1.post('/v1/jobs/batch-enable', ids);
    await v1.patch(`/v1/jobs/${a.id}`, { description: 'x' });
    expect(await v1.room.store.read.nextScheduleAt()).to.equal(tick);
    await v1.patch(`/v1/jobs/${a.id}`, { cron: '*/2 * * * *' });
    expect(await v1.room.store.read.nextScheduleAt()).to.be.greaterThan(tick ?? 0);
    await v1.patch(`/v1/jobs/${a.id}`, { cron: '' });
    expect(await v1.room.store.read.nextScheduleAt()).to.equal(undefined);
  });

  it('asks for 1 to 50 ids (D9, D11)', async () => {
    for (const body of [{}, { ids: [] }, { job_ids: [] }]) {
      const { status, json } = await v1.post('/v1/jobs/batch-enable', body);
      expect([status, json['error']]).to.deep.equal([400, 'ids array is required and must not be empty']);
    }
    const { status, json } = await v1.post('/v1/jobs/batch-enable', { ids: Array(51).fill('x') });
    expect([status, json['error']]).to.deep.equal([400, 'too many ids in batch (max 50)']);
    expect((await v1.post('/v1/jobs/batch-enable', { ids: 'x' })).status).to.equal(400);
  });
});
