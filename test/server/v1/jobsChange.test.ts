import { expect } from 'chai';
import { submit } from '../../../server/room/submit/submit.ts';
import { cancel } from '../../../server/room/cancel.ts';
import { finishRemovals } from '../../../server/room/jobs/remove.ts';
import { webhookSecret } from '../../../server/room/notify/secrets.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Json, openV1, type ShownJob, type V1 } from './fixture.ts';

describe('changing a job', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('makes a version, also of nothing (E1, E2)', async () => {
    const job = await v1.job({ tags: { a: '1' }, max_concurrency: 3, cron: '0 0 1 1 *' });
    v1.pass(1000);
    const { status, json, headers } = await v1.patch(`/v1/jobs/${job.id}`, { name: 'n2' });
    expect(status).to.equal(200);
    const { version_id, updated_at, ...rest } = json;
    expect(rest).to.deep.include({
      name: 'n2',
      version: 2,
      tags: { a: '1' },
      max_concurrency: 3,
      cron: '0 0 1 1 *',
    });
    expect(rest['created_at']).to.equal(job['created_at']);
    expect(version_id).to.not.equal(job.version_id);
    expect(String(updated_at) > String(job['updated_at'])).to.equal(true);
    expect(headers.get('ETag')).to.equal(`"${String(version_id)}"`);
    expect((await v1.patch(`/v1/jobs/${job.id}`, {})).json['version']).to.equal(3);
    const cleared = await v1.patch(`/v1/jobs/${job.id}`, { cron: '', tags: {}, max_concurrency: 0 });
    expect(cleared.json).to.not.have.any.keys('cron', 'tags', 'max_concurrency');
  });

  it('refuses and leaves everything as it is (E3-E5)', async () => {
    const job = await v1.job();
    const bad: [body: object, sentence: string][] = [
      [{ cron: 'bad' }, 'invalid cron expression'],
      [{ retry_strategy: 'x' }, 'retry_strategy must be one of: exponential, linear, fixed, custom'],
      [{ retry_delays_secs: [-1] }, 'retry_delays_secs values must be positive'],
      [{ endpoint_url: '' }, 'endpoint_url is required'],
      [
        { image: { source: { account: 'a', repo: 'r' } } },
        'this is a job of the kind http: make another job for another kind',
      ],
    ];
    for (const [body, sentence] of bad) {
      const { status, json } = await v1.patch(`/v1/jobs/${job.id}`, body);
      expect([status, json['error']]).to.deep.equal([400, sentence]);
    }
    expect((await v1.get(`/v1/jobs/${job.id}`)).json).to.deep.equal(job);
    expect((await v1.patch('/v1/jobs/nobody', {})).status).to.equal(404);
    expect((await v1.patch(`/v1/jobs/${job.id}`, '{bad')).status).to.equal(400);
  });

  it('moves to another slug if it is free (E6)', async () => {
    const [job, other] = [await v1.job(), await v1.job()];
    expect((await v1.patch(`/v1/jobs/${job.id}`, { slug: other.slug })).status).to.equal(409);
    expect((await v1.patch(`/v1/jobs/${job.id}`, { slug: 'moved' })).json['slug']).to.equal('moved');
    expect((await v1.get('/v1/jobs/moved')).json['id']).to.equal(job.id);
  });

  it('happens only to the version that was expected', async () => {
    const job = await v1.job();
    const newest = await v1.patch(`/v1/jobs/${job.id}`, {}, { 'If-Match': `"x", "${job.version_id}"` });
    expect(newest.status).to.equal(200);
    for (const method of ['PATCH', 'DELETE']) {
      const late = await v1.send(method, `/v1/jobs/${job.id}`, {}, { 'If-Match': `"${job.version_id}"` });
      expect([late.status, late.json['code']]).to.deep.equal([412, 'precondition_failed']);
    }
    expect((await v1.patch(`/v1/jobs/${job.id}`, {}, { 'If-Match': '*' })).status).to.equal(200);
    const tag = newest.headers.get('ETag') ?? '';
    expect((await v1.get(`/v1/jobs/${job.id}`, { 'If-None-Match': tag })).status).to.equal(200);
  });

  it('lets exactly one of many at once win under If-Match', async () => {
    const job = await v1.job();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        v1.patch(`/v1/jobs/${job.id}`, { name: `n${at}` }, { 'If-Match': `"${job.version_id}"` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ status }) => status === 412)).to.have.length(7);
    expect((await v1.get(`/v1/jobs/${job.id}`)).json['version']).to.equal(2);
  });

  it('keeps a secret that is sent back hidden', async () => {
    const job = await v1.job({ webhook_url: 'http://127.0.0.1/', webhook_secret: 'first' });
    const secret = async () => {
      const sealed = (await v1.room.store.read.job(job.id))?.definition.webhookSecret;
      return sealed && v1.room.sealer.open(sealed, webhookSecret(job.id));
    };
    await v1.patch(`/v1/jobs/${job.id}`, { webhook_secret: '********', name: 'n' });
    expect(await secret()).to.equal('first');
    await v1.patch(`/v1/jobs/${job.id}`, { webhook_secret: 'second' });
    expect(await secret()).to.equal('second');
    const { json } = await v1.patch(`/v1/jobs/${job.id}`, { webhook_secret: '' });
    expect(json).to.not.have.property('webhook_secret');
  });

  it('changes how an image is built field by field', async () => {
    const source = { account: 'acme', repo: 'app', ref: 'main' };
    await v1.post('/v1/jobs', { image: { source, target: 'a', no_cache: true } });
    const path = '/v1/jobs/app?project_id=acme';
    const first = await v1.patch(path, { image: { target: '', dockerfile: 'other' }, endpoint_url: '' });
    expect(first.json['image']).to.deep.equal({ source, dockerfile: 'other', no_cache: true });
    const other = await v1.patch(path, { image: { source: { ref: 'other' } } });
    expect(other.json['image']).to.deep.include({ source: { ...source, ref: 'other' } });
    const moved = await v1.patch(path, { image: { source: { account: 'acme', repo: 'new' } } });
    expect(moved.json['image']).to.deep.include({ source: { account: 'acme', repo: 'new' } });
    expect((await v1.patch(path, { endpoint_url: 'http://127.0.0.1/' })).status).to.equal(400);
    const whole = await v1.get(path);
    expect((await v1.patch(path, whole.json)).json['image']).to.deep.equal(whole.json['image']);
  });

  it('pauses and goes on without a version', async () => {
    const job = await v1.job();
    const before = v1.wakes();
    expect((await v1.post(`/v1/jobs/${job.id}/pause`)).json).to.include({ paused: true, version: 1 });
    expect((await v1.post(`/v1/jobs/${job.id}/resume`)).json).to.include({ paused: false, version: 1 });
    expect(v1.wakes()).to.be.greaterThan(before);
  });
});

describe('versions of a job', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('are the superseded ones, newest first (E10-E12)', async () => {
    const job = await v1.job({ name: 'one', webhook_url: 'http://127.0.0.1/', webhook_secret: 's' });
    expect((await v1.get(`/v1/jobs/${job.id}/versions`)).list).to.deep.equal([]);
    await v1.patch(`/v1/jobs/${job.id}`, { name: 'two' });
    await v1.patch(`/v1/jobs/${job.id}`, { name: 'three', slug: 'renamed' });
    const { list } = await v1.get(`/v1/jobs/${job.id}/versions`);
    expect(list.map(({ version, name, slug }) => [version, name, slug])).to.deep.equal([
      [2, 'two', job.slug],
      [1, 'one', job.slug],
    ]);
    const { id, ...first } = list[1] ?? {};
    expect(id).to.not.equal(job.id);
    expect(first).to.deep.include({
      job_id: job.id,
      version_id: job.version_id,
      endpoint_url: job['endpoint_url'],
      max_attempts: 3,
      timeout_secs: 300,
      webhook_secret: '********',
      created_at: job['created_at'],
    });
    const page = await v1.get(`/v1/jobs/${job.id}/versions?limit=1`);
    expect(page.json).to.deep.include({ data: [list[0]], has_more: true });
    const rest = await v1.get(
      `/v1/jobs/${job.id}/versions?limit=5&cursor=${String(page.json['next_cursor'])}`,
    );
    expect(rest.json).to.deep.equal({ data: [list[1]], has_more: false });
  });

  it('are found by their id, the current one too (E13, E14)', async () => {
    const [job, other] = [await v1.job({ name: 'one' }), await v1.job()];
    const current = await v1.get(`/v1/jobs/${job.id}/versions/${job.version_id}`);
    expect(current.json).to.include({ version: 1, name: 'one' });
    await v1.patch(`/v1/jobs/${job.id}`, { name: 'two' });
    expect((await v1.get(`/v1/jobs/${job.id}/versions/${job.version_id}`)).json).to.deep.equal(current.json);
    const foreign = await v1.get(`/v1/jobs/${other.id}/versions/${job.version_id}`);
    expect([foreign.status, foreign.json['error']]).to.deep.equal([404, 'version not found']);
    expect((await v1.get('/v1/jobs/nobody/versions')).status).to.equal(404);
  });
});

describe('removing and copying a job', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  /** More than are removed together. */
  async function canceledRuns(job: ShownJob): Promise<string[]> {
    const items = Array.from({ length: 450 }, () => ({}));
    const made = await v1.post(`/v1/jobs/${job.id}/trigger/bulk`, { items });
    const ids = (made.json['results'] as Json[]).map(({ id }) => String(id));
    for (const id of ids) await cancel(v1.room, id);
    return ids;
  }

  it('removes it with its runs and logs once these have ended (E15-E18)', async () => {
    const job = await v1.job({ cron: '* * * * *' });
    const { run } = await submit(v1.room, { job: { id: job.id }, trigger: 'api' });
    const log = await v1.room.logs.write(run.id);
    log.append('system', 'a line\n');
    await log.end();
    const busy = await v1.delete(`/v1/jobs/${job.id}`);
    expect([busy.status, busy.json['error']]).to.deep.equal([
      409,
      'job has active runs: cancel them, or wait for their end',
    ]);
    await cancel(v1.room, run.id);
    const gone = await v1.delete(`/v1/jobs/${job.id}`);
    expect([gone.status, gone.text]).to.deep.equal([204, '']);
    expect((await v1.get(`/v1/jobs/${job.id}`)).status).to.equal(404);
    expect(await v1.room.store.read.run(run.id)).to.equal(undefined);
    expect(await v1.room.logs.lineCount(run.id)).to.equal(undefined);
    expect(await v1.room.store.read.nextScheduleAt()).to.equal(undefined);
    expect((await v1.delete(`/v1/jobs/${job.id}`)).status).to.equal(404);
  });

  it('goes on after a crash where the runs of a removed job are not all gone', async () => {
    const { room } = v1;
    const job = await v1.job();
    const last = (await canceledRuns(job)).at(-1) ?? '';
    const log = await room.logs.write(last);
    log.append('system', 'a line\n');
    await log.end();
    await room.store.write((tx) => tx.deleteJob(job.id, room.now()));
    expect((await v1.get(`/v1/jobs/${job.id}`)).status).to.equal(404);
    const fresh = await v1.job({ slug: job.slug });
    await finishRemovals(room);
    expect(await room.store.read.deletedJobs(9)).to.deep.equal([]);
    expect(await room.store.read.run(last)).to.equal(undefined);
    expect(await room.logs.lineCount(last)).to.equal(undefined);
    expect(await room.store.read.countRuns({ slug: job.slug })).to.equal(0);
    expect((await v1.get(`/v1/jobs/${job.slug}?project_id=p1`)).json['id']).to.equal(fresh.id);
  });

  it('is done with the job at once however many runs it had, and these follow', async () => {
    const { room } = v1;
    const job = await v1.job();
    const runs = await canceledRuns(job);
    expect((await v1.delete(`/v1/jobs/${job.id}`)).status).to.equal(204);
    expect((await v1.get(`/v1/jobs/${job.id}`)).status).to.equal(404);
    expect((await v1.post(`/v1/runs/${runs.at(-1)}/replay`)).status).to.be.oneOf([400, 404]);
    await waitFor('all its runs to be gone', async () => (await room.store.read.deletedJobs(9)).length === 0);
    expect((await v1.get(`/v1/runs/${runs.at(-1)}`)).status).to.equal(404);
    expect(await room.store.read.countRuns({ slug: job.slug })).to.equal(0);
  });

  it('copies all but the identity (E20, E21)', async () => {
    const fields = {
      run_ttl_secs: 60,
      tags: { a: 'b' },
      timeout_secs: 7,
      max_attempts: 2,
      version_policy: 'latest',
      cron: '* * * * *',
      enabled: false,
      webhook_url: 'http://127.0.0.1/hook',
      webhook_secret: 'kept',
    };
    const job = await v1.job(fields);
    await v1.patch(`/v1/jobs/${job.id}`, {});
    const { status, json } = await v1.post(`/v1/jobs/${job.id}/clone`, { name: 'c', slug: 'c' });
    expect(status).to.equal(201);
    expect(json).to.deep.include({
      ...fields,
      name: 'c',
      slug: 'c',
      version: 1,
      enabled: true,
      webhook_secret: '********',
    });
    expect(json['id']).to.not.equal(job.id);
    const id = json['id'] as string;
    const sealed = (await v1.room.store.read.job(id))?.definition.webhookSecret ?? '';
    expect(v1.room.sealer.open(sealed, webhookSecret(id))).to.equal('kept');
    expect(await v1.room.store.read.nextScheduleAt()).to.be.a('number');
  });

  it('finds names for copies, and refuses those that are empty or taken (E22-E24)', async () => {
    const job = await v1.job({ name: 'Mail', slug: 'mail' });
    const copies = [await v1.post('/v1/jobs/mail/clone'), await v1.post('/v1/jobs/mail/clone', {})];
    expect(copies.map(({ json }) => [json['name'], json['slug']])).to.deep.equal([
      ['Mail (copy)', 'mail-copy'],
      ['Mail (copy)', 'mail-copy-2'],
    ]);
    for (const body of [{ name: '' }, { name: 'x', slug: '' }]) {
      const { status, json } = await v1.post(`/v1/jobs/${job.id}/clone`, body);
      expect([status, json['error']]).to.deep.equal([400, 'name and slug are required']);
    }
    expect((await v1.post(`/v1/jobs/${job.id}/clone`, { name: 'x', slug: 'mail' })).status).to.equal(409);
    expect((await v1.post('/v1/jobs/nobody/clone', {})).status).to.equal(404);
  });
});
