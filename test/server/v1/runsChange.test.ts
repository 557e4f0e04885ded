import { expect } from 'chai';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { type Json, openV1, type ShownJob, type V1 } from './fixture.ts';
import { end, startNext, workOff } from './workOff.ts';

describe('a run', () => {
  let v1: V1;
  let job: ShownJob;
  beforeEach(async () => {
    v1 = await openV1();
    job = await v1.job({ max_attempts: 1 });
  });
  afterEach(() => v1[Symbol.asyncDispose]());

  const trigger = async (body: Json = {}): Promise<string> =>
    String((await v1.post(`/v1/jobs/${job.id}/trigger`, body)).json['id']);
  const shown = async (id: string) => (await v1.get(`/v1/runs/${id}`)).json;
  const later = (ms: number) => new Date(v1.room.now() + ms).toISOString();

  it('of another project is not there', async () => {
    const id = await trigger();
    const key = await v1.key({ project: 'p2' });
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/replay'],
      ['POST', '/dlq-replay'],
      ['GET', '/events'],
      ['GET', '/stream'],
      ['GET', '/children'],
      ['GET', '/dependency-status'],
    ] as const) {
      const { status, json } = await key.send(method, `/v1/runs/${id}${path}`);
      expect([status, json['error']], path).to.deep.equal([404, 'run not found']);
    }
    const moved = await key.post(`/v1/runs/${id}/reschedule`, { scheduled_at: later(1000) });
    expect(moved.status).to.equal(404);
    for (const unknown of [uuid7(), 'x', '%00'])
      expect((await v1.get(`/v1/runs/${unknown}`)).status).to.equal(404);
  });

  it('is canceled while it waits, and then cannot be again (J18)', async () => {
    const id = await trigger();
    const { status, text } = await v1.delete(`/v1/runs/${id}`);
    expect([status, text]).to.deep.equal([204, '']);
    expect(await shown(id)).to.include({ status: 'canceled' });
    const again = await v1.delete(`/v1/runs/${id}`);
    expect([again.status, again.json['error']]).to.deep.equal([400, 'run already in terminal state']);
  });

  it('is told to stop while it executes', async () => {
    const id = await trigger();
    const taken = await startNext(v1.room);
    expect((await v1.delete(`/v1/runs/${id}`)).status).to.equal(204);
    expect(await shown(id)).to.include({ status: 'executing' });
    await end(v1.room, { ...taken, run: (await v1.room.store.read.run(id)) ?? taken.run });
    expect(await shown(id)).to.include({ status: 'completed' });
    expect((await v1.delete(`/v1/runs/${id}`)).status).to.equal(400);
  });

  it('that failed is replayed as a new one, without its key (G17, J30)', async () => {
    const id = await trigger({ payload: { a: 1 }, idempotency_key: 'k', priority: 3, tags: { t: '1' } });
    expect((await v1.post(`/v1/runs/${id}/replay`)).json['error']).to.equal('run is not replayable');
    await workOff(v1.room, { reason: 'endpoint_timeout' });
    const { status, json, headers } = await v1.post(`/v1/runs/${id}/replay`);
    expect(status).to.equal(201);
    expect(json).to.deep.include({ status: 'queued', payload: { a: 1 }, priority: 3, tags: { t: '1' } });
    expect(json).to.include({ triggered_by: 'retry', parent_run_id: id, lineage_depth: 1 });
    expect(json).not.to.have.property('idempotency_key');
    expect(headers.get('Location')).to.equal(`/v1/runs/${String(json['id'])}`);
    expect(json['id']).not.to.equal(id);
    const children = await v1.get(`/v1/runs/${id}/children`);
    expect(children.list).to.deep.equal([json]);
    expect((await v1.get(`/v1/runs/${id}/children?limit=5`)).json).to.include({ has_more: false });
    await workOff(v1.room);
    const completed = await v1.post(`/v1/runs/${String(json['id'])}/replay`);
    expect([completed.status, completed.json['error']]).to.deep.equal([400, 'run is not replayable']);
  });

  it('is replayed from the dead letters only if it is there', async () => {
    const id = await trigger();
    expect((await v1.post(`/v1/runs/${id}/dlq-replay`)).status).to.equal(409);
    await workOff(v1.room, { reason: 'endpoint_denied' });
    const { status, json } = await v1.post(`/v1/runs/${id}/dlq-replay`);
    expect(status).to.equal(201);
    expect(json).to.include({ parent_run_id: id });
    expect((await (await v1.key({ scopes: ['runs:read'] })).post(`/v1/runs/${id}/replay`)).status).to.equal(
      403,
    );
  });

  it('that is delayed gets another time and payload', async () => {
    const id = await trigger({ scheduled_at: later(60_000), payload: { a: 1 } });
    const move = (body: unknown) => v1.post(`/v1/runs/${id}/reschedule`, body);
    const scheduled_at = later(120_000);
    const { status, json } = await move(`{"scheduled_at": "${scheduled_at}", "payload": {"n": 1.0}}`);
    expect(status).to.equal(200);
    expect(json).to.deep.include({ status: 'delayed', scheduled_at, payload: { n: 1 } });
    expect((await v1.room.store.read.runBody(id)).payload).to.equal('{"n": 1.0}');
    expect((await move({ scheduled_at: later(60_000) })).json['payload']).to.deep.equal({ n: 1 });
    for (const body of [{}, { scheduled_at: 'now' }, { scheduled_at: later(-1e9) }])
      expect((await move(body)).status).to.equal(400);
    const queued = await trigger();
    const refused = await v1.post(`/v1/runs/${queued}/reschedule`, { scheduled_at });
    expect(refused.status).to.equal(409);
  });

  it('waits for its dependencies, and says so (I19, I20)', async () => {
    const parent = await v1.job();
    await v1.post(`/v1/jobs/${job.id}/dependencies`, { depends_on_job_id: parent.id });
    const id = await trigger();
    const status = async () => (await v1.get(`/v1/runs/${id}/dependency-status`)).json;
    const before = await status();
    expect(before).to.include({
      run_id: id,
      job_id: job.id,
      status: 'waiting',
      dependencies_satisfied: false,
    });
    expect((before['dependencies'] as Json[])[0]).to.include({ depends_on_job_id: parent.id });
    await v1.post(`/v1/jobs/${parent.id}/trigger`);
    await workOff(v1.room);
    expect(await status()).to.include({ status: 'queued', dependencies_satisfied: true });
  });

  it('is canceled with others, each by itself', async () => {
    const [a, b, over] = [await trigger(), await trigger(), await trigger()];
    await v1.delete(`/v1/runs/${over}`);
    const cancel = (body: Json) => v1.post('/v1/runs/bulk-cancel', body);
    const { status, json } = await cancel({ run_ids: [a, over, uuid7(), 'x', a] });
    expect(status).to.equal(200);
    expect(json).to.include({ total: 4, canceled: 1, failed: 3 });
    const [first, second, third] = json['results'] as Json[];
    expect(first).to.deep.equal({ id: a, status: 'canceled', canceled: true });
    expect(second).to.deep.equal({ id: over, canceled: false, error: 'run already in terminal state' });
    expect(third).to.include({ canceled: false, error: 'run not found' });
    const stranger = await v1.key({ project: 'p2' });
    expect((await stranger.post('/v1/runs/bulk-cancel', { ids: [b] })).json).to.include({ canceled: 0 });
    expect((await cancel({ ids: [b] })).json).to.include({ canceled: 1 });
    for (const ids of [[], Array.from({ length: 101 }, () => uuid7())])
      expect((await cancel({ run_ids: ids })).status).to.equal(400);
  });

  it('is canceled with all that fit', async () => {
    const other = await v1.job();
    const [a, b] = [await trigger(), await trigger({ scheduled_at: later(60_000) })];
    await v1.post(`/v1/jobs/${other.id}/trigger`);
    await startNext(v1.room);
    const cancel = async (body: Json, path = '') =>
      (await v1.post(`/v1/runs/bulk-cancel-all${path}`, body)).json;
    expect(await cancel({})).to.include({ error: 'at least one filter is required' });
    expect(await cancel({ status: 'completed' })).to.include({ total: 0 });
    expect(await cancel({ status: 'delayed' }, '?project_id=p2')).to.include({ total: 0 });
    expect(await cancel({ job_id: job.id })).to.include({ canceled: 2, has_more: false });
    expect(await shown(b)).to.include({ status: 'canceled' });
    expect(await shown(a)).to.include({ status: 'executing' });
    expect(await cancel({ triggered_by: 'manual' }, '?project_id=p1')).to.include({ total: 2, canceled: 2 });
  });

  it('is replayed with others', async () => {
    const ids = [await trigger(), await trigger()];
    const replay = (run_ids: string[]) => v1.post('/v1/runs/bulk-replay', { run_ids });
    expect((await replay(ids)).json).to.include({ error: 'run is not replayable' });
    await workOff(v1.room, { reason: 'endpoint_timeout' });
    const some = (await replay(ids)).json;
    expect(some).to.include({ replayed: 1, total: 2 });
    expect(some['errors']).to.deep.equal([{ id: ids[1], error: 'run is not replayable' }]);
    const all = await replay(ids.slice(0, 1));
    expect(all.list.map((run) => run['parent_run_id'])).to.deep.equal(ids.slice(0, 1));
    expect((await replay([uuid7()])).status).to.equal(404);
  });
});
