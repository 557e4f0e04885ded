import { expect } from 'chai';
import { type Json, openV1, type ShownJob, type V1 } from './fixture.ts';
import { startNext, workOff } from './workOff.ts';

describe('a trigger with an idempotency key', () => {
  let v1: V1;
  let job: ShownJob;
  before(async () => (v1 = await openV1()));
  beforeEach(async () => (job = await v1.job({ max_attempts: 1 })));
  after(() => v1[Symbol.asyncDispose]());

  const trigger = async (body: Json, headers: Record<string, string> = {}, of = job) =>
    (await v1.post(`/v1/jobs/${of.id}/trigger`, body, headers)).json;
  const withKey = (idempotency_key: string) => trigger({ idempotency_key });

  it('makes one run, by body or header (G2, G4)', async () => {
    const first = await withKey('k');
    expect(first).to.include({ idempotency_hit: false, idempotency_key: 'k' });
    const hits = [
      await withKey('k'),
      await trigger({}, { 'Idempotency-Key': 'k' }),
      await trigger({}, { 'X-Idempotency-Key': 'k' }),
      await trigger({ idempotency_key: 'other' }, { 'X-Idempotency-Key': 'k' }),
    ];
    for (const hit of hits)
      expect(hit).to.deep.equal({ id: first['id'], status: 'queued', idempotency_hit: true });
  });

  it('takes that of X-Idempotency-Key before the other header (G3)', async () => {
    const first = await withKey('x');
    await withKey('plain');
    const hit = await trigger({}, { 'Idempotency-Key': 'plain', 'X-Idempotency-Key': 'x' });
    expect(hit['id']).to.equal(first['id']);
  });

  it('keeps the first payload (G6), and knows no other job (G7)', async () => {
    const first = await trigger({ idempotency_key: 'k', payload: { a: 1 } });
    await trigger({ idempotency_key: 'k', payload: { a: 2 } });
    expect((await v1.get(`/v1/runs/${String(first['id'])}`)).json['payload']).to.deep.equal({ a: 1 });
    const other = await trigger({ idempotency_key: 'k' }, {}, await v1.job());
    expect(other['id']).not.to.equal(first['id']);
  });

  it('may have 256 characters (G8)', async () => {
    expect(await withKey('k'.repeat(256))).to.include({ idempotency_hit: false });
    const long = { 'Idempotency-Key': 'k'.repeat(257) };
    expect(await trigger({}, long)).to.include({ code: 'validation_error' });
    expect(await withKey('k'.repeat(257))).to.include({ code: 'validation_error' });
  });

  it('is taken as it is (G15)', async () => {
    const ids = await Promise.all(['k', 'K', ' k '].map(async (key) => (await withKey(key))['id']));
    expect(new Set(ids).size).to.equal(3);
  });

  it('is free again once it was taken from its run', async () => {
    const first = await trigger({ idempotency_key: 'k' });
    const path = `/v1/runs/${String(first['id'])}`;
    expect(
      (await (await v1.key({ scopes: ['runs:read'] })).delete(`${path}/idempotency-key`)).status,
    ).to.equal(403);
    expect((await (await v1.key({ project: 'p2' })).delete(`${path}/idempotency-key`)).status).to.equal(404);
    for (let time = 0; time < 2; time++) {
      const { status, text } = await v1.delete(`${path}/idempotency-key`);
      expect([status, text]).to.deep.equal([204, '']);
    }
    expect((await v1.get(path)).json).not.to.have.any.keys('idempotency_key');
    const next = await trigger({ idempotency_key: 'k' });
    expect(next).to.include({ idempotency_hit: false, idempotency_key: 'k' });
    expect(next['id']).not.to.equal(first['id']);
    expect((await v1.delete('/v1/runs/nobody/idempotency-key')).status).to.equal(404);
  });

  it('is free again once its run has ended (G9), and not before (G10)', async () => {
    const { room } = v1;
    const [fresh] = [await v1.job({ max_attempts: 1 })];
    const ask = () => trigger({ idempotency_key: 'k' }, {}, fresh);
    await drain(v1);
    for (const how of [
      undefined,
      { reason: 'endpoint_timeout' as const },
      { reason: 'endpoint_reported' as const },
    ]) {
      expect(await ask()).to.include({ idempotency_hit: false });
      await workOff(room, how);
    }
    const run = await ask();
    await startNext(room);
    expect(await ask()).to.include({ id: run['id'], status: 'executing', idempotency_hit: true });
    const waiting = await trigger({
      idempotency_key: 'later',
      scheduled_at: new Date(room.now() + 60_000).toISOString(),
    });
    expect(await withKey('later')).to.include({
      id: waiting['id'],
      status: 'delayed',
      idempotency_hit: true,
    });
    await v1.delete(`/v1/runs/${String(waiting['id'])}`);
    expect(await withKey('later')).to.include({ idempotency_hit: false });
  });

  it('does not excuse a payload that does not fit (G13)', async () => {
    const strict = await v1.job({ payload_schema: { required: ['a'] } });
    const ask = (payload: Json) => trigger({ idempotency_key: 'k', payload }, {}, strict);
    expect(await ask({ a: 1 })).to.include({ idempotency_hit: false });
    expect(await ask({})).to.include({ code: 'validation_error' });
  });

  it('makes one run of many at once (G14)', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => withKey('once')));
    expect(new Set(answers.map(({ id }) => id)).size).to.equal(1);
    expect(answers.filter((answer) => answer['idempotency_hit'] === false)).to.have.length(1);
  });

  it('is not used up by a dry run (G16)', async () => {
    await trigger({ idempotency_key: 'dry', dry_run: true });
    expect(await withKey('dry')).to.include({ idempotency_hit: false });
  });
});

/** Ends whatever other tests left in the queue. */
async function drain({ get, post }: V1): Promise<void> {
  const { list } = await get('/v1/runs?project_id=p1&status=queued');
  if (list.length > 0)
    await post('/v1/runs/bulk-cancel', { run_ids: list.map(({ id }) => id).slice(0, 100) });
}
