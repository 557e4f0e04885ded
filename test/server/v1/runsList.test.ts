import { expect } from 'chai';
import { type Client, type Json, openV1, type ShownJob, type V1 } from './fixture.ts';
import { workOff } from './workOff.ts';

describe('GET /v1/runs', () => {
  let v1: V1;
  let [one, two]: ShownJob[] = [];
  /** Newest first. */
  const all: string[] = [];
  const named = new Map<string, string>();

  before(async () => {
    v1 = await openV1();
    one = await v1.job({ max_attempts: 1 });
    two = await v1.job({ project_id: 'p2' });
    const { room } = v1;
    await make('completed', one, { tags: { team: 'core', env: 'a' }, payload: { a: 1, b: ['x'] } });
    await workOff(room, { output: '[1]' });
    await make('dead', one, { tags: { team: 'web' }, metadata: { who: 'ann' } });
    await workOff(room, { reason: 'endpoint_rejected' });
    await make('timed_out', one, { payload: 'a needle, and "more"' });
    await workOff(room, { reason: 'endpoint_timeout' });
    await make('delayed', one, { scheduled_at: new Date(room.now() + 3_600_000).toISOString() });
    await make('queued', one, {});
    const { json } = await v1.post(`/v1/runs/${named.get('timed_out')}/replay`);
    note('replay', json);
    await make('other', two, { tags: { team: 'core' } });
  });
  after(() => v1[Symbol.asyncDispose]());

  async function make(name: string, job: ShownJob | undefined, body: Json): Promise<void> {
    note(name, (await v1.post(`/v1/jobs/${job?.id}/trigger`, body)).json);
  }
  function note(name: string, { id }: Json): void {
    named.set(name, String(id));
    all.unshift(String(id));
  }

  const listed = async (query: string, who: Client = v1): Promise<unknown[]> => {
    const { list } = await who.get(`/v1/runs?${query}`);
    return list.map(({ id }) => [...named].find(([, known]) => known === id)?.[0]);
  };
  const ofOne = ['replay', 'queued', 'delayed', 'timed_out', 'dead', 'completed'];

  it('gives runs as an array, newest first', async () => {
    expect(await listed('')).to.deep.equal(['other', ...ofOne]);
    expect(await listed('project_id=p1')).to.deep.equal(ofOne);
    expect(await listed('project_id=nobody')).to.deep.equal([]);
  });

  it('shows no null, and runs as they are asked for one by one', async () => {
    const { list, text } = await v1.get('/v1/runs?project_id=p1');
    expect(text).not.to.match(/null|undefined/);
    for (const run of list) expect((await v1.get(`/v1/runs/${String(run['id'])}`)).json).to.deep.equal(run);
    const completed = list.find(({ id }) => id === named.get('completed'));
    expect(completed).to.deep.include({ status: 'completed', attempt: 1, result: { value: [1] } });
    expect(completed).to.include.all.keys('started_at', 'finished_at', 'job_version_id');
    const dead = list.find(({ id }) => id === named.get('dead'));
    expect(dead).to.include({ status: 'dead_letter', error: 'it ended as endpoint_rejected' });
  });

  it('is of the project of the key', async () => {
    const key = await v1.key({ project: 'p2' });
    expect(await listed('', key)).to.deep.equal(['other']);
    expect((await key.get('/v1/runs?project_id=p1')).status).to.equal(404);
    expect(await listed(`job_id=${one?.id}`, key)).to.deep.equal([]);
    expect((await (await v1.key({ scopes: ['jobs:read'] })).get('/v1/runs')).status).to.equal(403);
  });

  it('goes by job', async () => {
    expect(await listed(`job_id=${one?.id}`)).to.deep.equal(ofOne);
    expect(await listed(`job_id=${two?.slug}&project_id=p2`)).to.deep.equal(['other']);
    expect(await listed(`job_id=${one?.id}&project_id=p2`)).to.deep.equal([]);
    expect(await listed('job_id=none')).to.deep.equal([]);
  });

  it('goes by status, also those that nothing is in', async () => {
    expect(await listed('project_id=p1&status=queued')).to.deep.equal(['replay', 'queued']);
    expect(await listed('status=completed,timed_out')).to.deep.equal(['timed_out', 'completed']);
    expect(await listed('status=delayed&status=dead_letter')).to.deep.equal(['delayed', 'dead']);
    expect(await listed(`job_id=${one?.id}&status=dead_letter`)).to.deep.equal(['dead']);
    for (const status of ['dequeued', 'paused', 'replay_staged', 'executing', 'waiting'])
      expect(await listed(`status=${status}`), status).to.deep.equal([]);
    expect((await v1.get('/v1/runs?status=running')).status).to.equal(400);
  });

  it('goes by tags and metadata', async () => {
    expect(await listed('tag_key=team')).to.deep.equal(['other', 'dead', 'completed']);
    expect(await listed('project_id=p1&tag_key=team&tag_value=core')).to.deep.equal(['completed']);
    expect(await listed('tags[team]=core&tags[env]=a')).to.deep.equal(['completed']);
    expect(await listed('tags%5Bteam%5D=cor')).to.deep.equal([]);
    expect(await listed('metadata_key=who&metadata_value=ann')).to.deep.equal(['dead']);
    const { status, json } = await v1.get('/v1/runs?tag_value=x');
    expect([status, json['error']]).to.deep.equal([400, 'tag_key is required when tag_value is provided']);
  });

  it('goes by what made the run, and by how it failed', async () => {
    expect(await listed('triggered_by=retry')).to.deep.equal(['replay']);
    expect(await listed('project_id=p1&triggered_by=manual')).to.deep.equal(ofOne.slice(1));
    expect(await listed('triggered_by=spawn')).to.deep.equal([]);
    expect((await v1.get('/v1/runs?triggered_by=nobody')).status).to.equal(400);
    expect(await listed('error_class=client')).to.deep.equal(['dead']);
    expect(await listed('error_class=endpoint_timeout')).to.deep.equal(['timed_out']);
    expect((await v1.get('/v1/runs?error_class=x')).status).to.equal(400);
  });

  it('goes by what the payload contains', async () => {
    expect(await listed('payload_contains=needle')).to.deep.equal(['replay', 'timed_out']);
    const contains = (value: unknown) =>
      listed(`payload_contains=${encodeURIComponent(JSON.stringify(value))}`);
    expect(await contains({ a: 1 })).to.deep.equal(['completed']);
    expect(await contains({ b: ['x'], a: 1 })).to.deep.equal(['completed']);
    expect(await contains({ a: 2 })).to.deep.equal([]);
    expect((await v1.get('/v1/runs?payload_contains=%00')).status).to.equal(400);
  });

  it('gives pages where limit or cursor is given', async () => {
    const seen: unknown[] = [];
    let cursor = '';
    for (let more = true; more;) {
      const { json } = await v1.get(`/v1/runs?project_id=p1&limit=4${cursor}`);
      seen.push(...(json['data'] as Json[]).map(({ id }) => id));
      more = json['has_more'] === true;
      cursor = `&cursor=${String(json['next_cursor'])}`;
    }
    expect(seen).to.deep.equal(all.slice(1));
    for (const query of ['limit=0', 'limit=x', 'cursor=yesterday'])
      expect((await v1.get(`/v1/runs?${query}`)).status, query).to.equal(400);
    const { json } = await v1.get('/v1/runs?cursor=2020-01-01T00:00:00Z');
    expect(json).to.deep.equal({ data: [], has_more: false });
  });

  it('has a list of those that failed for good', async () => {
    const { list } = await v1.get('/v1/runs/dlq?project_id=p1');
    expect(list.map(({ id }) => id)).to.deep.equal([named.get('dead')]);
    expect((await v1.get('/v1/runs/dlq?tag_key=team&tag_value=core')).list).to.deep.equal([]);
  });

  it('leaves payloads out of a list that has enough of them', async () => {
    const big = await v1.job({ project_id: 'big' });
    for (let times = 0; times < 3; times++)
      await v1.post(`/v1/jobs/${big.id}/trigger`, { payload: 'x'.repeat(1_900_000) });
    const { list } = await v1.get('/v1/runs?project_id=big');
    expect(list.map((run) => 'payload' in run)).to.deep.equal([true, true, false]);
  });

  it('counts them by status', async () => {
    const { json } = await v1.get('/v1/stats?project_id=p1');
    expect(json).to.include({ queued: 2, delayed: 1, completed: 1, timed_out: 1, dead_letter: 1 });
    expect(json).to.include({ executing: 0, queue_depth: 2, total: 6 });
    const key = await v1.key({ project: 'p2' });
    expect((await key.get('/v1/stats')).json).to.include({ queued: 1, total: 1 });
    expect((await (await v1.key({ scopes: ['runs:read'] })).get('/v1/stats')).status).to.equal(403);
  });
});
