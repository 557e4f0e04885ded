import { expect } from 'chai';
import { type Json, openV1, type ShownJob, type V1 } from './fixture.ts';
import { end, startNext } from './workOff.ts';

describe('who watches a run', () => {
  let v1: V1;
  let job: ShownJob;
  before(async () => (v1 = await openV1()));
  beforeEach(async () => (job = await v1.job({ max_attempts: 2 })));
  // What one leaves in the queue would be the turn of another.
  afterEach(() => v1.post('/v1/runs/bulk-cancel-all', { triggered_by: 'manual' }));
  after(() => v1[Symbol.asyncDispose]());

  const trigger = async (): Promise<string> =>
    String((await v1.post(`/v1/jobs/${job.id}/trigger`)).json['id']);

  async function log(
    id: string,
    lines: [stream: 'stdout' | 'stderr' | 'system', text: string][],
  ): Promise<void> {
    const writer = await v1.room.logs.write(id);
    for (const [stream, text] of lines) writer.append(stream, `${text}\n`);
    await writer.end();
  }

  it('reads the lines of its log as events', async () => {
    const id = await trigger();
    const path = `/v1/runs/${id}/events`;
    expect((await v1.get(path)).list).to.deep.equal([]);
    await log(id, [
      ['system', 'begins'],
      ['stdout', 'says "hello"'],
      ['stderr', 'complains'],
    ]);
    const { list } = await v1.get(path);
    expect(list.map(({ level, message }) => [level, message])).to.deep.equal([
      ['system', 'begins'],
      ['info', 'says "hello"'],
      ['error', 'complains'],
    ]);
    expect(list[0]).to.include({ id: `${id}:1`, run_id: id, type: 'log' });
    expect((await v1.get(`${path}?level=error`)).list).to.have.length(1);
    expect((await v1.get(`${path}?type=state`)).list).to.deep.equal([]);
    expect((await v1.get(`${path}?level=loud`)).status).to.equal(400);
  });

  it('reads them page by page, by their numbers', async () => {
    const id = await trigger();
    await log(
      id,
      Array.from({ length: 7 }, (_, at) => [at % 2 ? 'stderr' : 'stdout', `line ${at + 1}`]),
    );
    const page = async (query: string) => (await v1.get(`/v1/runs/${id}/events?${query}`)).json;
    const messages = (json: Json) => (json['data'] as Json[]).map(({ message }) => message);
    const first = await page('limit=3');
    expect(first).to.include({ has_more: true, next_cursor: '3' });
    expect(messages(await page('limit=3&cursor=3'))).to.deep.equal(['line 4', 'line 5', 'line 6']);
    expect(await page('cursor=6')).to.include({ has_more: false });
    expect(messages(await page('cursor=1&limit=2&level=error'))).to.deep.equal(['line 2', 'line 4']);
    expect((await v1.get(`/v1/runs/${id}/events?cursor=2026-01-01T00:00:00Z`)).status).to.equal(400);
  });

  /** Opens the stream; `next` gives the JSON of its next event, undefined at its end. */
  async function watch(id: string, query = '') {
    const response = await fetch(`${v1.url}/v1/runs/${id}/stream${query}`, {
      headers: { Authorization: 'Bearer the-administrator' },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      response,
      async next(): Promise<Json | undefined> {
        while (!text.includes('\n\n')) {
          const piece = await reader?.read();
          if (!piece || piece.done) return undefined;
          text += piece.value;
        }
        const [message = '', ...rest] = text.split('\n\n');
        text = rest.join('\n\n');
        return JSON.parse(message.replace(/^data: /, '')) as Json;
      },
    };
  }

  it('hears of each change of the status, to the end (J29)', async () => {
    const id = await trigger();
    const { response, next } = await watch(id);
    expect(response.status).to.equal(200);
    expect(response.headers.get('Content-Type')).to.include('text/event-stream');
    const taken = await startNext(v1.room);
    expect(await next()).to.deep.include({
      type: 'status_change',
      run_id: id,
      job_id: job.id,
      project_id: 'p1',
      from: 'queued',
      to: 'executing',
    });
    await end(v1.room, taken);
    const last = await next();
    expect(last).to.include({ from: 'executing', to: 'completed' });
    expect(last?.['timestamp']).to.match(/^\d{4}-.*Z$/);
    expect(await next()).to.equal(undefined);
    const gone = await v1.get(`/v1/runs/${id}/stream`);
    expect([gone.status, gone.json['error']]).to.deep.equal([410, 'run already in terminal state']);
  });

  it('hears of its log too where it asks for that, and of all of it before the end', async () => {
    const id = await trigger();
    await log(id, [['stdout', 'one']]);
    const { next } = await watch(id, '?logs=true');
    expect(await next()).to.include({ type: 'log', message: 'one', id: `${id}:1` });
    const taken = await startNext(v1.room);
    expect(await next()).to.include({ to: 'executing' });
    await log(id, [['stdout', 'two']]);
    await end(v1.room, taken);
    expect(await next()).to.include({ type: 'log', message: 'two' });
    expect(await next()).to.include({ to: 'completed' });
    expect(await next()).to.equal(undefined);
  });

  it('is let go when the server goes away', async () => {
    await using going = await openV1();
    const { id } = await going.job();
    const run = String((await going.post(`/v1/jobs/${id}/trigger`)).json['id']);
    const response = await fetch(`${going.url}/v1/runs/${run}/stream`, {
      headers: { Authorization: 'Bearer the-administrator' },
    });
    going.room.closing.abort();
    expect(await response.text()).to.equal('');
  });

  it('sees the health of the server as JSON where it asks for that', async () => {
    const json = await v1.get('/health', { Accept: 'application/json' });
    expect(json.json).to.deep.equal({ status: 'ok' });
    expect(await (await fetch(`${v1.url}/health`)).text()).to.equal('200 OK');
    const { status, json: ready } = await v1.as(undefined).get('/health/ready');
    expect(status).to.equal(200);
    expect(ready).to.include({ status: 'up' });
    expect((ready['components'] as Json[])[0]).to.include({ name: 'database', status: 'up' });
  });
});
