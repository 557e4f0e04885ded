import { expect } from 'chai';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { openV1, type V1 } from './fixture.ts';

describe('deliveries of webhooks', () => {
  let v1: V1;
  beforeEach(async () => {
    v1 = await openV1();
  });
  afterEach(() => v1[Symbol.asyncDispose]());

  async function add(project = 'p1', runId = uuid7()): Promise<string> {
    const id = uuid7();
    const named = { id, project, jobId: uuid7(), runId, event: 'run.completed', url: 'https://example.com/' };
    const rest = {
      secret: 'v1.sealed',
      body: '{"status":"completed"}',
      maxTries: 3,
      createdAt: v1.room.now(),
    };
    await v1.room.store.write((tx) => tx.addNotification({ ...named, ...rest }));
    return id;
  }
  const die = (id: string) =>
    v1.room.store.write((tx) =>
      tx.recordTry(
        id,
        { number: 1, status: 404, error: 'the receiver answered 404', tookMs: 12, createdAt: v1.room.now() },
        { state: 'dead', nextAt: null },
      ),
    );
  const idsOf = async (query: string) =>
    (await v1.get(`/v1/webhook-deliveries${query}`)).list.map(({ id }) => id);

  it('are listed, newest first, by run and status', async () => {
    const run = uuid7();
    const [a, b, c] = [await add(), await add('p1', run), await add('p2', run)];
    await die(b);
    expect(await idsOf('')).to.deep.equal([c, b, a]);
    expect(await idsOf('?project_id=p1')).to.deep.equal([b, a]);
    expect(await idsOf(`?run_id=${run.toUpperCase()}`)).to.deep.equal([c, b]);
    expect(await idsOf('?status=dead')).to.deep.equal([b]);
    expect(await idsOf('?status=pending&project_id=p1')).to.deep.equal([a]);
    for (const query of ['status=gone', 'run_id=x', 'limit=0', 'cursor=yesterday'])
      expect((await v1.get(`/v1/webhook-deliveries?${query}`)).status, query).to.equal(400);
  });

  it('are listed in pages', async () => {
    const ids = [await add(), await add(), await add()].toReversed();
    const first = (await v1.get('/v1/webhook-deliveries?limit=2')).json;
    expect(first).to.include({ has_more: true });
    const next = (await v1.get(`/v1/webhook-deliveries?limit=2&cursor=${String(first['next_cursor'])}`)).json;
    expect(next).to.include({ has_more: false });
    const shown = [first, next].flatMap(({ data }) => data as { id: string }[]);
    expect(shown.map(({ id }) => id)).to.deep.equal(ids);
  });

  it('are shown with what is sent and every try, and without the secret', async () => {
    const id = await add();
    await die(id);
    const { json, text } = await v1.get(`/v1/webhook-deliveries/${id}`);
    expect(json).to.deep.include({
      status: 'dead',
      attempts: 1,
      max_attempts: 3,
      last_status_code: 404,
      payload: { status: 'completed' },
    });
    const [one] = json['tries'] as Record<string, unknown>[];
    expect(one).to.include({ attempt: 1, status_code: 404, duration_ms: 12 });
    expect(text).not.to.include('sealed');
  });

  it('are sent again', async () => {
    const id = await add();
    await die(id);
    const { status, json } = await v1.post(`/v1/webhook-deliveries/${id}/redeliver`);
    expect(status).to.equal(202);
    expect(json).to.include({ id, status: 'pending', attempts: 1, max_attempts: 4 });
    expect(json).to.have.property('next_retry_at');
  });

  it('are those of the own project only', async () => {
    const [own, other] = [await add('p1'), await add('p2')];
    const key = await v1.key({ project: 'p1' });
    expect((await key.get('/v1/webhook-deliveries')).list.map(({ id }) => id)).to.deep.equal([own]);
    for (const id of [other, uuid7(), 'x']) {
      const missing = await key.get(`/v1/webhook-deliveries/${id}`);
      expect([missing.status, missing.json['error']]).to.deep.equal([404, 'webhook delivery not found']);
      expect((await key.post(`/v1/webhook-deliveries/${id}/redeliver`)).status).to.equal(404);
    }
    expect((await v1.room.store.read.notification(other))?.maxTries).to.equal(3);
    const reader = await v1.key({ scopes: ['runs:read'] });
    expect((await reader.post(`/v1/webhook-deliveries/${own}/redeliver`)).status).to.equal(403);
  });
});
