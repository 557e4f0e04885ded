import { expect } from 'chai';
import fc from 'fast-check';
import { jobTypeKeys, makeF1, makeF2, openScale, type ScaleWeb, type Shown } from './executionFixture.ts';

const itemKeys = [
  'id',
  'status',
  'command_arguments',
  'timeout',
  'pre_started',
  'pre_completed',
  'pre_exit_code',
  'job_started',
  'job_completed',
  'job_exit_code',
  'post_started',
  'post_completed',
  'post_exit_code',
  'created',
  'queued',
  'started',
  'ended',
  'last_modified',
  'job',
  'node',
  'error',
];
const detailKeys = [
  ...itemKeys,
  'environment',
  'cpus_scheduled',
  'mem_scheduled',
  'disk_in_scheduled',
  'disk_out_scheduled',
  'disk_total_scheduled',
  'results',
  'current_stdout_url',
  'current_stderr_url',
  'results_manifest',
];
const nested = ['job', 'node', 'error'];

describe('an execution', () => {
  let web: ScaleWeb;
  let all: Shown[];
  before(async () => {
    web = await openScale();
    await makeF2(web, Date.now());
    all = (await web.page('/job-executions/?page_size=1000&order=id')).results;
  });
  after(() => web.close());

  it('in a list has these fields (E1, E2, E4, E5, E7)', async () => {
    const { text } = await web.get('/job-executions/');
    expect(Object.keys(JSON.parse(text) as object)).to.deep.equal(['count', 'next', 'previous', 'results']);
    expect(text).not.to.match(/^\{\s|: "|", "/);
    for (const one of all) {
      expect(Object.keys(one)).to.deep.equal(itemKeys);
      const job = one['job'] as Shown;
      expect(Object.keys(job)).to.deep.equal([
        'id',
        'job_type',
        'job_type_rev',
        'event',
        'error',
        'status',
        'priority',
        'num_exes',
      ]);
      expect(Object.keys(job['job_type'] as Shown))
        .to.have.members(jobTypeKeys)
        .and.have.length(14);
      if (one['node'] !== null)
        expect(Object.keys(one['node'] as Shown)).to.deep.equal(['id', 'hostname', 'port', 'slave_id']);
      if (one['error'] !== null)
        expect(Object.keys(one['error'] as Shown)).to.deep.equal([
          'id',
          'name',
          'title',
          'description',
          'category',
          'is_builtin',
        ]);
      for (const time of ['created', 'queued', 'last_modified'])
        expect(one[time]).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });

  it('has what its status says, and null else', () => {
    for (const { status, started, ended, node, error, job } of all) {
      expect(started === null).to.equal(status === 'QUEUED');
      expect(node === null).to.equal(status === 'QUEUED');
      expect(ended === null).to.equal(status === 'QUEUED' || status === 'RUNNING');
      expect(error !== null).to.equal(status === 'FAILED');
      expect((job as Shown)['status']).to.equal(status);
    }
  });

  it('says what somebody would type', () => {
    expect(all[0]?.['command_arguments']).to.equal('build -f Dockerfile http://127.0.0.1:9/acme/a.git#main');
    expect(all[1]?.['command_arguments']).to.equal('run busybox true');
  });

  it('has more in its details (F4, F7, F14)', async () => {
    for (const item of all.slice(0, 10)) {
      const { json } = await web.get(`/job-executions/${String(item['id'])}/`);
      expect(Object.keys(json)).to.deep.equal(detailKeys);
      for (const key of itemKeys.filter((one) => !nested.includes(one)))
        expect(json[key], key).to.deep.equal(item[key]);
      for (const key of nested)
        if (item[key] === null) expect(json[key]).to.equal(null);
        else expect(json[key]).to.include.keys(Object.keys(item[key] as Shown));
      const isQueued = item['status'] === 'QUEUED';
      expect(json['job']).to.include.keys('timeout', 'max_tries', 'last_status_change', 'cpus_required');
      if (!isQueued)
        expect(json['node']).to.include.keys(
          'is_paused',
          'is_active',
          'archived',
          'created',
          'last_modified',
        );
      if (!isQueued) expect(json['node']).to.include.keys('pause_reason', 'is_paused_errors', 'last_offer');
      const disks = ['in', 'out', 'total'].map((name) => json[`disk_${name}_scheduled`]);
      if (isQueued) expect(disks).to.deep.equal([null, null, null]);
      else expect(disks[2]).to.equal(Number(disks[0]) + Number(disks[1]));
      expect(json['current_stdout_url']).to.equal(
        isQueued ? null : `http://127.0.0.1:${web.port}/job-executions/${String(item['id'])}/logs/stdout/`,
      );
      expect(json['results']).to.deep.equal(
        item['status'] === 'COMPLETED' ? { version: '1.0', output_data: [] } : {},
      );
    }
  });

  it('that is not there is not found, whatever its number is (F2, F8)', async () => {
    for (const id of [
      '9999999',
      'abc',
      '0',
      '-1',
      '1.0',
      '1e1',
      '99999999999999999999',
      '9'.repeat(3000),
      '%00',
      '%2e%2e',
    ])
      for (const more of ['', 'logs/', 'logs/combined/']) {
        const { status, json } = await web.get(`/job-executions/${id}/${more}`);
        expect([status, json], id).to.deep.equal([404, { detail: 'Not found.' }]);
      }
  });

  it('is asked for with any format (F13)', async () => {
    for (const format of ['json', 'api', 'bogus'])
      expect((await web.get(`/job-executions/1/?format=${format}`)).json).to.include({ id: 1 });
  });

  it('is answered for as the web page of Scale asks', async () => {
    const headers = { Accept: 'application/json, text/plain, */*' };
    const grid = await web.get('/api/job-executions/?page=1&page_size=25', { headers });
    expect(grid.status).to.equal(200);
    expect(grid.headers['content-type']).to.match(/^application\/json/);
    expect(grid.json['results']).to.have.length(25);
    for (const path of ['/api/job-executions/3/', '/api/job-executions/3/logs/'])
      expect((await web.get(path, { headers })).json).to.include({ id: 3, status: 'FAILED' });
    const lines = await web.get('/api/v6/job-executions/3/logs/combined/', { headers });
    expect([lines.status, lines.text]).to.deep.equal([204, '']);
  });

  it('never makes the server fail, whatever is asked', async () => {
    const names = [
      'page',
      'page_size',
      'started',
      'ended',
      'order',
      'status',
      'job_type_id',
      'job_type_name',
    ];
    names.push('job_type_category', 'node_id', 'format', '');
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }).map(encode),
      fc.constantFrom(
        '1',
        '-id',
        'last',
        'P1D',
        '%',
        '%FF',
        '%00',
        '%ED%A0%80',
        '1e400',
        '9'.repeat(300),
        'status',
      ),
      fc.stringMatching(/^P?[\dTHMSD:.Z+-]{0,25}$/).map(encode),
    );
    const pair = fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${name}=${text}`);
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }).map(encode),
      fc.constantFrom('%', '%FF', '1'),
    );
    const path = fc.oneof(
      fc.constantFrom('', '1/', '3/logs/', '3/logs/combined/', '3/logs/stderr/'),
      part.map((id) => `${id}/`),
      part.map((stream) => `3/logs/${stream}/`),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.array(pair, { maxLength: 5 }), async (below, query) => {
        const { status, json, text } = await web.get(`/job-executions/${below}?${query.join('&')}`);
        expect(status, text).to.be.oneOf([200, 204, 301, 400, 404]);
        if (status >= 400) expect(Object.keys(json)).to.deep.equal(['detail']);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the attempts of a run', () => {
  let web: ScaleWeb;
  before(async () => {
    web = await openScale();
    await makeF1(web);
  });
  after(() => web.close());

  it('are executions each, of one job', async () => {
    const { results } = await web.page('/job-executions/?order=id&job_type_name=n1');
    const shown = results.map(({ id, status, node, job, error }) => {
      const { id: jobId, num_exes: tries, status: state } = job as Shown;
      const name = (one: unknown, key: string) => (one as Shown | null)?.[key];
      return [id, status, jobId, tries, state, name(node, 'hostname'), name(error, 'name')];
    });
    expect(shown).to.deep.equal([
      [1, 'FAILED', 1, 4, 'RUNNING', 'node-1', 'node-lost'],
      [2, 'FAILED', 1, 4, 'RUNNING', 'node-2', 'node-lost'],
      [3, 'FAILED', 1, 4, 'RUNNING', 'node-3', 'node-lost'],
      [4, 'RUNNING', 1, 4, 'RUNNING', 'node-4', undefined],
      [5, 'FAILED', 2, 1, 'FAILED', 'node-5', 'node-lost'],
    ]);
  });
});

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
