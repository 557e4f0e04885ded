import { expect } from 'chai';
import type { Run } from '../../../server/words/run.ts';
import { asking, type Asking, idOf } from './asking.ts';
import { makeF1, making, openScale, type ScaleWeb, someJob } from './executionFixture.ts';

/** What an item of the list is made of. */
const jobFields = [
  'id',
  'job_type',
  'job_type_rev',
  'event',
  'error',
  'status',
  'priority',
  'num_exes',
  'timeout',
  'max_tries',
  'cpus_required',
  'mem_required',
  'disk_in_required',
  'disk_out_required',
  'created',
  'queued',
  'started',
  'ended',
  'last_status_change',
  'last_modified',
];

describe('GET /jobs/ of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  let first: Run;
  let delayed: Run;
  before(async () => {
    web = await openScale();
    scale = asking(web);
    ({ first } = await makeF1(web));
    delayed = await making(web.room, async (make) => {
      const job = await someJob(make.tx, { slug: 'later', kind: 'container' });
      const scheduledAt = Date.now() + 3_600_000;
      return make.run(job, Date.now(), { state: 'delayed', scheduledAt, priority: 7 });
    });
  });
  after(() => web.close());

  it('lists runs, those that have no execution yet included', async () => {
    const { count, results } = await scale.page('/v3/jobs/');
    expect(count).to.equal(6);
    for (const job of results) expect(job).to.have.all.keys(...jobFields);
    const one = results.find(({ id }) => id === first.key);
    expect(one).to.deep.include({ status: 'RUNNING', num_exes: 4, max_tries: 4, priority: 100, error: null });
    expect(one?.['event']).to.deep.include({ id: first.key, type: 'USER', rule: null });
    const later = results.find(({ id }) => id === delayed.key);
    expect(later).to.deep.include({
      status: 'PENDING',
      num_exes: 0,
      priority: 30,
      queued: null,
      started: null,
    });
    const failed = results.find(({ status }) => status === 'FAILED');
    expect(failed?.['error']).to.deep.include({
      id: 3,
      name: 'node-lost',
      category: 'SYSTEM',
      is_builtin: true,
    });
  });

  it('is sorted by its last change, or as it is asked to', async () => {
    const { results } = await scale.page('/v3/jobs/');
    const times = results.map((job) => String(job['last_modified']));
    expect(times).to.deep.equal(times.toSorted());
    const keys = results.map(idOf).toSorted((a, b) => a - b);
    expect(await scale.ids('/v3/jobs/?order=-id')).to.deep.equal(keys.toReversed());
    expect(await scale.ids('/v3/jobs/?order=-job_type__name&order=id')).to.have.length(6);
    await scale.refused(400, '/v3/jobs/?order=bogus', 'Invalid order field: "bogus"');
  });

  it('takes the filters of executions, and two of its own', async () => {
    const count = async (query: string) => (await scale.page(`/v3/jobs/?${query}`)).count;
    expect(await count('status=RUNNING')).to.equal(2);
    expect(await count('status=RUNNING&status=PENDING')).to.equal(3);
    expect(await count('status=running')).to.equal(0);
    expect(await count('status=')).to.equal(6);
    expect(await count('job_type_name=n1')).to.equal(2);
    expect(await count('job_type_name=n1&job_type_name=later')).to.equal(3);
    expect(await count('job_type_category=container')).to.equal(4);
    expect(await count('job_type_category=bogus')).to.equal(0);
    expect(await count(`job_id=${first.key}&job_id=${delayed.key}&job_id=99999999999`)).to.equal(2);
    expect(await count('job_id=99999999999999999999')).to.equal(0);
    expect(await count('error_category=SYSTEM')).to.equal(1);
    expect(await count('error_category=DATA')).to.equal(0);
    expect(await count('error_category=SYSTEM&status=RUNNING')).to.equal(0);
    expect(await count('started=PT1M')).to.equal(1);
    expect(await count('ended=PT1M')).to.equal(5);
    await scale.refused(400, '/v3/jobs/?job_id=x', 'Parameter must be a valid integer: "job_id"');
    await scale.refused(400, '/v3/jobs/?started=BAD', 'Invalid ISO timestamp format for parameter: started');
    await scale.refused(404, '/v3/jobs/?page=99', 'Invalid page.');
  });

  it('comes with the newest execution, or as changes', async () => {
    const { results } = await scale.page('/v3/jobs/executions/');
    expect(results).to.have.length(6);
    for (const job of results) {
      if (job['id'] === delayed.key) expect(job['latest_job_exe']).to.equal(null);
      else expect(job['latest_job_exe']).to.have.nested.property('job.id', job['id']);
    }
    const newest = results.find(({ id }) => id === first.key)?.['latest_job_exe'];
    const exes = await scale.ids('/job-executions/?status=RUNNING&order=id');
    expect(exes).to.include(idOf(newest));
    const updates = await scale.page('/v3/jobs/updates/?status=PENDING');
    expect(updates.results).to.have.length(1);
    expect(updates.results[0]).to.have.all.keys(...jobFields, 'input_files');
  });

  it('shows one with its executions, the newest first', async () => {
    const listed = (await scale.page('/v3/jobs/')).results.find(({ id }) => id === first.key);
    const job = await scale.get(`/v3/jobs/${first.key}/`);
    expect(job).to.deep.include(listed ?? {});
    const exes = job['job_exes'] as Record<string, unknown>[];
    expect(exes.map(({ status }) => status)).to.deep.equal(['RUNNING', 'FAILED', 'FAILED', 'FAILED']);
    const ids = exes.map(idOf);
    expect(ids).to.deep.equal(ids.toSorted((a, b) => b - a));
    expect(exes[1]).to.deep.include({ job: { id: first.key }, error: { id: 3 } });
    expect(exes[1]).to.have.nested.property('node.id').that.is.a('number');
    expect(job['data']).to.deep.equal({
      version: '1.0',
      input_data: [{ name: 'ref', value: 'main' }],
      output_data: [],
    });
    expect(job['inputs']).to.deep.equal([{ name: 'ref', type: 'property', value: 'main' }]);
    expect(job).to.deep.include({ results: {}, recipes: [], outputs: [], input_files: [], products: [] });
    expect(await scale.get(`/api/v3/jobs/${first.key}/`)).to.deep.equal(job);
    expect((await scale.get(`/v3/jobs/${delayed.key}/`))['job_exes']).to.deep.equal([]);
  });

  it('is not there where there is none, and for who may not see it', async () => {
    for (const id of ['0', '2147483647', '2147483648', '99999999999999999999', 'abc', '1.0', '-1', '%00'])
      for (const method of ['GET', 'PATCH'])
        await scale.refused(404, `/v3/jobs/${id}/`, 'Not found.', { method, body: { status: 'CANCELED' } });
    const { text: key } = await web.makeKey({ project: 'other', scopes: ['*'] });
    await scale.refused(404, `/v3/jobs/${first.key}/`, 'Not found.', { key });
    for (const path of ['', 'updates/', 'executions/'])
      expect(await scale.ids(`/v3/jobs/${path}`, { key })).to.deep.equal([]);
    const { text: own } = await web.makeKey({ project: 'acme', scopes: ['runs:read'] });
    expect(await scale.ids('/v3/jobs/', { key: own })).to.have.length(6);
    await scale.refused(403, `/v3/jobs/${first.key}/`, undefined, { method: 'PATCH', key: own });
    // `/jobs` without a version is docker-builder's own.
    expect((await web.get('/jobs/')).headers).to.have.property('x-total-count');
  });

  it('is canceled by its status, and by nothing else', async () => {
    const path = `/v3/jobs/${delayed.key}/`;
    const refused = (body: unknown, detail: string) =>
      scale.refused(400, path, detail, { method: 'PATCH', body });
    await refused({ foo: 'bar' }, 'Fields do not allow updates: foo');
    await refused({ status: 'CANCELED', id: 1 }, 'Fields do not allow updates: id');
    await refused({}, 'Missing required parameter: "status"');
    await refused('', 'Missing required parameter: "status"');
    for (const status of ['COMPLETED', 'canceled', 1, [], {}, true])
      await refused({ status }, 'Invalid or read-only status. Allowed values: CANCELED');
    await refused('{"status"', 'JSON parse error');
    await refused([1], 'The body must be a JSON object');
    const { status, json } = await scale.ask('PATCH', path, { body: { status: 'CANCELED' } });
    expect(status).to.equal(200);
    expect(json).to.deep.include({ id: delayed.key, status: 'CANCELED', error: null, job_exes: [] });
    expect(json['ended']).to.be.a('string');
    await scale.refused(409, path, undefined, { method: 'PATCH', body: { status: 'CANCELED' } });
  });
});
