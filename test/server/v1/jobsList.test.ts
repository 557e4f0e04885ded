import { expect } from 'chai';
import type { JobDefinition } from '../../../server/words/job.ts';
import { versionId } from '../../../server/words/versionId.ts';
import { addJob } from '../store/temporaryStore.ts';
import { type Client, type Json, openV1, type V1 } from './fixture.ts';

describe('GET /v1/jobs', () => {
  let v1: V1;
  let slugs: string[];
  before(async () => {
    v1 = await openV1();
    slugs = [];
    for (const tags of [{ team: 'core' }, { team: 'web' }, {}]) slugs.unshift((await v1.job({ tags })).slug);
    await v1.job({ project_id: 'p2' });
  });
  after(() => v1[Symbol.asyncDispose]());

  const listed = async (query: string, who: Client = v1) => {
    const { list } = await who.get(`/v1/jobs?${query}`);
    return list.map(({ slug }) => slug);
  };

  it('gives the jobs of a project as an array, newest first (C1)', async () => {
    expect(await listed('project_id=p1')).to.deep.equal(slugs);
    expect(await listed('project_id=nobody')).to.deep.equal([]);
    expect(await listed(`project_id=p1&slug=${slugs[1]}`)).to.deep.equal([slugs[1]]);
  });

  it('needs a project, which a key has itself (C2)', async () => {
    const { status, json } = await v1.get('/v1/jobs');
    expect([status, json['error']]).to.deep.equal([400, 'project_id is required']);
    const key = await v1.key({ project: 'p1' });
    expect(await listed('', key)).to.deep.equal(slugs);
  });

  it('filters by tags (C3-C5)', async () => {
    expect(await listed('project_id=p1&tag_key=team&tag_value=core')).to.deep.equal([slugs[2]]);
    expect(await listed('project_id=p1&tag_key=team')).to.deep.equal([slugs[1], slugs[2]]);
    const { status, json } = await v1.get('/v1/jobs?project_id=p1&tag_value=core');
    expect([status, json['error']]).to.deep.equal([400, 'tag_key is required when tag_value is provided']);
  });

  const addMany = (project: string, count: number, definition: JobDefinition = {}) =>
    v1.room.store.write(async (tx) => {
      const http = { url: 'http://127.0.0.1/x' };
      const usual = { http, maxAttempts: 1, timeoutSecs: 1, ...definition };
      for (let at = 1; at <= count; at++)
        await addJob(tx, {
          project,
          slug: `job-${at}`,
          kind: 'http',
          versionId: versionId(),
          definition: usual,
        });
    });
  const numbered = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, at) => `job-${from - at}`);

  it('ends before it is too long, and says how to read on', async () => {
    await addMany('long', 80, { payloadSchema: { description: 'é'.repeat(60_000) } });
    const first = await v1.get('/v1/jobs?project_id=long');
    expect(Buffer.byteLength(first.text)).to.be.within(8_200_000, 8 * 1024 * 1024 + 1000);
    expect(first.list.map(({ slug }) => slug)).to.deep.equal(numbered(80, 12));
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('Link') ?? '')?.[1] ?? '';
    const { json } = await v1.get(next);
    expect((json['data'] as Json[]).map(({ slug }) => slug)).to.deep.equal(numbered(11, 1));
    expect(json['has_more']).to.equal(false);
    expect(json).not.to.have.any.keys('next_cursor');
    const page = await v1.get('/v1/jobs?project_id=long&limit=75');
    expect(page.json['data']).to.have.length(69);
    expect(page.json['has_more']).to.equal(true);
  });

  it('holds all of a thousand jobs', async () => {
    await addMany('many', 1001);
    const { list, headers } = await v1.get('/v1/jobs?project_id=many');
    expect(list.map(({ slug }) => slug)).to.deep.equal(numbered(1001, 2));
    expect(headers.get('Link')).to.include('cursor=');
  });

  it('gives pages where limit or cursor is given (C6, C7, C9)', async () => {
    const seen: unknown[] = [];
    let cursor = '';
    for (let pages = 0; pages < 3; pages++) {
      const { json } = await v1.get(`/v1/jobs?project_id=p1&limit=1${cursor}`);
      const data = json['data'] as { slug: string }[];
      expect(data).to.have.length(1);
      expect(json['has_more']).to.equal(pages < 2);
      seen.push(...data.map(({ slug }) => slug));
      cursor = `&cursor=${String(json['next_cursor'])}`;
      if (pages === 2) expect(json).to.not.have.property('next_cursor');
      else expect(json['next_cursor']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    }
    expect(seen).to.deep.equal(slugs);
    const all = await v1.get('/v1/jobs?project_id=p1&limit=1000');
    expect(all.json['data']).to.have.length(3);
  });

  it('loses nothing that was made in the same millisecond', async () => {
    const jobs = Array.from({ length: 7 }, (_, at) => ({ slug: `same-${at}` }));
    const fields = { project_id: 'same', name: 'n', endpoint_url: 'http://127.0.0.1/' };
    await v1.post(
      '/v1/jobs/batch',
      jobs.map((job) => ({ ...fields, ...job })),
    );
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { json } = await v1.get(`/v1/jobs?project_id=same&limit=2${cursor}`);
      seen.push(...(json['data'] as { slug: string }[]).map(({ slug }) => slug));
      cursor = json['has_more'] === true ? `&cursor=${String(json['next_cursor'])}` : '';
    } while (cursor !== '');
    expect(seen).to.deep.equal(jobs.map(({ slug }) => slug).toReversed());
  });

  it('takes any time of RFC 3339 as a cursor (C10)', async () => {
    const count = async (cursor: string) =>
      ((await v1.get(`/v1/jobs?project_id=p1&cursor=${cursor}`)).json['data'] as unknown[]).length;
    expect(await count('2000-01-01T00:00:00Z')).to.equal(0);
    expect(await count('2100-01-01T00:00:00.123456789%2B02:00')).to.equal(3);
    expect(await count('2100-01-01T00:00:00+02:00')).to.equal(3);
    for (const bad of ['yesterday', '2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00']) {
      const { status, json } = await v1.get(`/v1/jobs?project_id=p1&cursor=${bad}`);
      expect([status, json['error']]).to.deep.equal([400, 'cursor must be a valid RFC3339 timestamp']);
    }
    for (const bad of ['0', '-1', 'x', '1.5']) {
      const { status, json } = await v1.get(`/v1/jobs?project_id=p1&limit=${bad}`);
      expect([status, json['error']]).to.deep.equal([400, 'limit must be a positive integer']);
    }
  });
});

describe('a job in a path', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('is named by its id or by its slug', async () => {
    const { id } = await v1.job({ slug: 'mail' });
    const found = async (path: string, who: Client = v1) => (await who.get(`/v1/jobs/${path}`)).json['id'];
    expect(await found(id)).to.equal(id);
    expect(await found(id.toUpperCase())).to.equal(id);
    expect(await found('mail')).to.equal(id);
    expect(await found('mail?project_id=p1')).to.equal(id);
    const other = await v1.job({ slug: 'mail', project_id: 'p2' });
    const { status, json } = await v1.get('/v1/jobs/mail');
    expect([status, json['code']]).to.deep.equal([409, 'conflict']);
    expect(await found('mail?project_id=p2')).to.equal(other.id);
    expect(await found('mail', await v1.key({ project: 'p2' }))).to.equal(other.id);
  });

  it('may have any slug', async () => {
    const { id } = await v1.job({ slug: 'a/b c?%é' });
    expect((await v1.get(`/v1/jobs/${encodeURIComponent('a/b c?%é')}`)).json['id']).to.equal(id);
  });

  it('is 404 where it is not there', async () => {
    for (const name of ['nobody', '0197b7a0-0000-7000-8000-000000000000', '%00']) {
      const { status, json } = await v1.get(`/v1/jobs/${name}`);
      expect([status, json['error'], json['code']]).to.deep.equal([404, 'job not found', 'not_found']);
    }
    expect((await v1.get('/v1/jobs/%zz')).status).to.equal(400);
  });
});

describe('who may do what with jobs', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('asks for a key (A1, A2, A9)', async () => {
    for (const token of [undefined, 'db_unknown']) {
      const { status, headers } = await v1.as(token).get('/v1/jobs');
      expect(status).to.equal(401);
      expect(headers.get('X-API-Version')).to.equal('v1');
      expect(headers.get('Content-Type')).to.match(/^application\/json/);
    }
  });

  it('asks for the scope (A4, A5, A8)', async () => {
    const reader = await v1.key({ project: 'p1', scopes: ['jobs:read'] });
    const { status, json } = await reader.post('/v1/jobs', {});
    expect([status, json['message']]).to.deep.equal([403, 'insufficient permissions: requires jobs:write']);
    expect((await reader.get('/v1/jobs')).status).to.equal(200);
    const all = await v1.key({ project: 'p1', scopes: ['*'] });
    expect((await all.post('/v1/jobs', {})).status).to.equal(400);
  });

  it('keeps projects apart', async () => {
    const job = await v1.job({ project_id: 'p1' });
    const stranger = await v1.key({ project: 'p2' });
    for (const path of ['', '/versions', '/health', '/dependencies', `/versions/${job.version_id}`])
      expect((await stranger.get(`/v1/jobs/${job.id}${path}`)).status, path).to.equal(404);
    for (const path of ['/clone', '/pause', '/resume', '/dependencies'])
      expect((await stranger.post(`/v1/jobs/${job.id}${path}`, {})).status, path).to.equal(404);
    expect((await stranger.patch(`/v1/jobs/${job.id}`, {})).status).to.equal(404);
    expect((await stranger.delete(`/v1/jobs/${job.id}`)).status).to.equal(404);
    expect((await stranger.get('/v1/jobs?project_id=p1')).status).to.equal(404);
    const disabled = await stranger.post('/v1/jobs/batch-disable', { ids: [job.id] });
    expect(disabled.json).to.deep.equal({ updated: 0 });
    const fields = { project_id: 'p1', name: 'n', slug: 's', endpoint_url: 'http://127.0.0.1/' };
    expect((await stranger.post('/v1/jobs', fields)).status).to.equal(403);
    expect((await v1.get(`/v1/jobs/${job.id}`)).json).to.deep.equal(job);
  });

  it('notes who it was (B32)', async () => {
    const key = await v1.key({ project: 'p1' });
    const fields = { project_id: 'p1', name: 'n', slug: 'mine', endpoint_url: 'http://127.0.0.1/' };
    const made = await key.post('/v1/jobs', fields);
    expect(made.json).to.include({ created_by: `apikey:${key.id}`, updated_by: `apikey:${key.id}` });
    const second = await v1.key({ project: 'p1' });
    const { json } = await second.patch('/v1/jobs/mine', {});
    expect(json).to.include({ created_by: `apikey:${key.id}`, updated_by: `apikey:${second.id}` });
  });

  it('says what else there is at a path', async () => {
    const { status, headers, json } = await v1.send('PUT', '/v1/jobs/x', {});
    expect([status, headers.get('Allow'), json['code']]).to.deep.equal([
      405,
      'GET, HEAD, PATCH, DELETE',
      'method_not_allowed',
    ]);
  });
});
