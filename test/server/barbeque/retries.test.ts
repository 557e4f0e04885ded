import { expect } from 'chai';
import { end, startNext, workOff } from '../v1/workOff.ts';
import { type Barbeque, jsonOf, openBarbeque } from './fixture.ts';

const invalidDelay =
  '{"status_code":400,"error_code":"invalid_parameter","message":"params[:delay_seconds] must be a valid Integer"}';
const unknown =
  '{"status_code":404,"error_code":"record_not_found","message":"Couldn\'t find Barbeque::JobExecution"}';

describe('the retries of an execution', () => {
  let barbeque: Barbeque;
  beforeEach(async () => {
    barbeque = await openBarbeque();
  });
  afterEach(() => barbeque.close());

  const enqueue = async (fields: Record<string, unknown> = {}) =>
    String(jsonOf(await barbeque.enqueue({ queue: 'default', ...fields }))['message_id']);
  const retry = (id: string, body?: unknown) =>
    barbeque.send('POST', `/v1/job_executions/${id}/retries`, body);
  const retried = async (id: string, body?: unknown) => {
    const answer = await retry(id, body);
    expect(answer.status, answer.body).to.equal(201);
    return String(jsonOf(answer)['message_id']);
  };
  const statusOf = async (id: string) => jsonOf(await barbeque.show(id))['status'];

  it('are taken while it still runs: its own container asks for them', async () => {
    const { room } = barbeque;
    const id = await enqueue();
    const taken = await startNext(room);
    const retryId = await retried(id, { delay_seconds: 44 });
    expect([await statusOf(id), await statusOf(retryId)]).to.deep.equal(['running', 'pending']);
    await end(room, taken);
    expect(await statusOf(id)).to.equal('retried');
    const run = await room.store.read.run(retryId);
    expect(run).to.include({ parentRunId: id, trigger: 'retry', state: 'delayed', queue: 'default' });
  });

  it('decide about it when they have ended', async () => {
    const { room } = barbeque;
    const id = await enqueue();
    await workOff(room, { reason: 'endpoint_rejected' });
    const first = await retried(id);
    const { attempt } = await (async () => {
      const taken = await startNext(room);
      expect([await statusOf(id), await statusOf(first)]).to.deep.equal(['retried', 'running']);
      await end(room, taken, { reason: 'endpoint_rejected' });
      return taken;
    })();
    expect([await statusOf(id), await statusOf(first)]).to.deep.equal(['failed', 'failed']);
    const second = await retried(id);
    await workOff(room);
    expect([await statusOf(id), await statusOf(first), await statusOf(second)]).to.deep.equal([
      'success',
      'failed',
      'success',
    ]);
    const shown = jsonOf(await barbeque.show(id));
    expect(shown['id']).to.be.a('number').and.to.be.lessThan(attempt.key);
  });

  it('are taken whatever became of it, and before it began', async () => {
    const { room } = barbeque;
    const id = await enqueue();
    expect((await retry(id)).status).to.equal(201);
    await workOff(room);
    await workOff(room);
    expect(await statusOf(id)).to.equal('success');
    await retried(id);
    expect(await statusOf(id)).to.equal('retried');
  });

  it('do the same work, in the queue that it was in', async () => {
    const { room } = barbeque;
    const id = await enqueue({ queue: 'slow', message: { a: 1.5 } });
    const retryId = await retried(id, { delay_seconds: null });
    const { read } = room.store;
    expect(await read.run(retryId)).to.include({ queue: 'slow', slug: 'NotifyAuthor', state: 'queued' });
    expect((await read.runBody(retryId)).payload).to.equal('{"a":1.5}');
    expect(jsonOf(await barbeque.show(retryId, '?fields=*'))).to.deep.include({
      message: { a: 1.5 },
      id: null,
    });
  });

  it('wait as long as they are told, and no longer than is allowed', async () => {
    const id = await enqueue({ queue: 'slow' });
    for (const delay of [901, -1, 'x', 1.5, '', true])
      expect((await retry(id, { delay_seconds: delay })).body, String(delay)).to.equal(invalidDelay);
    for (const delay of [900, '0', 0, null])
      expect((await retry(id, { delay_seconds: delay })).status, String(delay)).to.equal(201);
    expect((await retry(id, { fields: 'id,status' })).body).to.equal('{"status":"pending"}');
  });

  it('of what nobody knows are refused', async () => {
    const { status, body } = await retry('15aca944-317a-41e0-b516-11b521b112bc');
    expect([status, body]).to.deep.equal([404, unknown]);
    const wrongFirst = await retry('15aca944-317a-41e0-b516-11b521b112bc', { delay_seconds: 901 });
    expect(wrongFirst.body).to.equal(invalidDelay);
  });
});

describe('the lock of a revision', () => {
  let barbeque: Barbeque;
  before(async () => {
    barbeque = await openBarbeque();
  });
  after(() => barbeque.close());

  const lock = (body: unknown, app = 'blog') => barbeque.send('POST', `/v1/apps/${app}/revision_lock`, body);
  const revision = () => barbeque.room.store.read.projectRevision('blog');

  it('is set and taken back', async () => {
    const answer = await lock({ revision: '5d6e_v1.2-rc' });
    expect([answer.status, answer.body]).to.deep.equal([201, '{"revision":"5d6e_v1.2-rc"}']);
    expect(answer.headers).to.include({ 'cache-control': 'max-age=0, private, must-revalidate' });
    expect(await revision()).to.equal('5d6e_v1.2-rc');
    expect((await lock({ revision: 'v2', fields: 'nosuch' })).body).to.equal('{}');
    const { status, body, headers } = await barbeque.send('DELETE', '/v1/apps/blog/revision_lock');
    expect([status, body, headers['cache-control']]).to.deep.equal([204, '', 'no-cache']);
    expect(await revision()).to.equal(null);
  });

  it('is refused where it is no tag', async () => {
    for (const wrong of [undefined, null, 1, ['v1']])
      expect((await lock({ revision: wrong })).body).to.equal(
        '{"status_code":400,"error_code":"invalid_parameter","message":"params[:revision] must be a valid String"}',
      );
    for (const wrong of ['', 'bad tag!', '-x', '.x', 'x'.repeat(129), 'v1\n', 'sha256:abc', 'é'])
      expect((await lock({ revision: wrong })).body, wrong).to.equal(
        '{"status_code":400,"error_code":"invalid_parameter","message":"params[:revision] must be a valid tag of an image"}',
      );
    expect(await revision()).to.equal(null);
  });

  it('is of an application that there is', async () => {
    const unknownApp =
      '{"status_code":404,"error_code":"record_not_found","message":"Couldn\'t find Barbeque::App"}';
    expect((await lock({ revision: 'v1' }, 'nope')).body).to.equal(unknownApp);
    expect((await barbeque.send('DELETE', '/v1/apps/nope/revision_lock')).body).to.equal(unknownApp);
  });
});
