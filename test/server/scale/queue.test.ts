import { expect } from 'chai';
import { known } from '../store/temporaryStore.ts';
import { asking, type Asking, idOf } from './asking.ts';
import { makeF1, making, openScale, type ScaleWeb, type Shown, someJob } from './executionFixture.ts';

const newJob = '/queue/new-job/';
const requeue = '/queue/requeue-jobs/';

describe('the queue of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  let site: number;
  beforeEach(async () => {
    web = await openScale();
    scale = asking(web);
    site = (await making(web.room, ({ tx }) => someJob(tx, { slug: 'site' }))).key;
  });
  afterEach(() => web.close());

  const post = (path: string, body: unknown, key?: string) =>
    scale.ask('POST', path, { body, ...(key !== undefined && { key }) });

  it('takes a new job, and names its execution', async () => {
    const input_data = [
      { name: 'ref', value: 'v1.2' },
      { name: 'answer', value: { is: [42, null] } },
    ];
    const { status, json, headers } = await post(newJob, { job_type_id: site, job_data: { input_data } });
    expect(status).to.equal(201);
    expect(json).to.deep.include({ status: 'QUEUED', num_exes: 1 });
    expect(json['data']).to.deep.equal({ version: '1.0', input_data, output_data: [] });
    const location = String(headers.location);
    expect(location).to.match(/^http:\/\/127\.0\.0\.1:\d+\/job-executions\/\d+\/$/);
    const { pathname } = new URL(location);
    expect(await scale.get(pathname)).to.have.nested.property('job.id', json['id']);
    const run = (await known(web.room.store.read.listedRun(idOf(json)))).run;
    expect(run).to.deep.include({ ref: 'v1.2', trigger: 'api' });
    const { payload } = await web.room.store.read.runBody(run.id);
    expect(JSON.parse(payload ?? '')).to.deep.equal({ ref: 'v1.2', answer: { is: [42, null] } });
    const behind = await post('/api/v3/queue/new-job/', { job_type_id: `${site}`, job_data: { input_data } });
    expect(behind.headers.location).to.include('/api/v3/job-executions/');
  });

  it('names the job where it has no execution yet, and gives a container none where there are no values', async () => {
    const job = await making(web.room, ({ tx }) =>
      someJob(tx, {
        slug: 'nightly',
        kind: 'container',
        definition: { container: { image: 'busybox' }, executionWindowCron: '0 0 1 1 *' },
      }),
    );
    const { json, headers } = await post(newJob, { job_type_id: job.key, job_data: {} });
    expect(json).to.deep.include({ status: 'PENDING', inputs: [] });
    expect(headers.location).to.match(new RegExp(`/jobs/${idOf(json)}/$`));
    const { run } = await known(web.room.store.read.listedRun(idOf(json)));
    expect((await web.room.store.read.runBody(run.id)).payload).to.equal(null);
  });

  it('refuses what is no job', async () => {
    const refused = (status: number, body: unknown, detail?: string) =>
      scale.refused(status, newJob, detail, { method: 'POST', body });
    await refused(400, {}, 'Missing required parameter: "job_type_id"');
    await refused(400, { job_type_id: 'x' }, 'Parameter must be a valid integer: "job_type_id"');
    await refused(400, { job_type_id: 1.5 }, 'Parameter must be a valid integer: "job_type_id"');
    await refused(400, { job_type_id: site }, 'Missing required parameter: "job_data"');
    await refused(
      400,
      { job_type_id: site, job_data: [] },
      'Parameter must be a valid JSON object: "job_data"',
    );
    for (const job_type_id of [0, -1, site + 1000, 2 ** 31, 1e300])
      await refused(404, { job_type_id, job_data: {} }, 'Not found.');
    const wrong: [unknown, string][] = [
      [{ version: '2.0' }, 'version must be "1.0"'],
      [{ input_data: {} }, 'input_data must be a list'],
      [{ input_data: [1] }, 'input_data[0] must be an object'],
      [{ input_data: [{ value: 1 }] }, 'input_data[0] must have a name'],
      [{ input_data: [{ name: 'a' }] }, 'input_data[0] must have a value'],
      [{ input_data: [{ name: 'a', file_id: 1 }] }, 'input_data[0] names a file: only values are taken here'],
      [
        { input_data: ['a', 'a'].map((name) => ({ name, value: 1 })) },
        'input_data[1] has the name of another',
      ],
    ];
    for (const [job_data, sentence] of wrong) {
      const answer = await post(newJob, { job_type_id: site, job_data });
      expect([answer.status, JSON.parse(answer.text)]).to.deep.equal([
        400,
        `Invalid job information. ${sentence}.`,
      ]);
    }
    await refused(400, { job_type_id: site, job_data: { input_data: [{ name: 'ref', value: '-x' }] } });
    const { text: other } = await web.makeKey({ project: 'other', scopes: ['*'] });
    await scale.refused(404, newJob, 'Not found.', {
      method: 'POST',
      key: other,
      body: { job_type_id: site, job_data: {} },
    });
    expect((await scale.page('/v3/jobs/')).count).to.equal(0);
  });

  it('does jobs again that failed or were canceled, each as a new job', async () => {
    await makeF1(web);
    const before = await scale.page('/v3/jobs/');
    const [failed] = await scale.ids('/v3/jobs/?status=FAILED');
    const { status, json } = await post(requeue, { job_ids: [failed, 99_999], priority: 30 });
    expect(status).to.equal(200);
    expect(json['count']).to.equal(1);
    const [made] = json['results'] as Shown[];
    expect(made).to.deep.include({ status: 'QUEUED', priority: 30, num_exes: 1, error: null });
    expect(made?.['event']).to.deep.include({ type: 'REQUEUE' });
    expect(before.results.map(idOf)).not.to.include(idOf(made));
    expect((await scale.get(`/v3/jobs/${failed}/`))['status']).to.equal('FAILED');
    // While it has not ended, asking again makes no second one.
    await scale.refused(404, requeue, 'Not found.', { method: 'POST', body: { job_ids: [failed] } });
    await scale.ask('PATCH', `/v3/jobs/${idOf(made)}/`, { body: { status: 'CANCELED' } });
    expect((await post(requeue, { job_ids: [failed] })).json['count']).to.equal(1);
    // What a filter finds was done again already; the one that was canceled was not.
    const again = await post(requeue, { status: ['FAILED', 'CANCELED'] });
    expect((again.json['results'] as Shown[]).length).to.equal(1);
    await scale.refused(404, requeue, 'Not found.', { method: 'POST', body: { status: 'FAILED' } });
  });

  it('finds them by all that is given', async () => {
    await makeF1(web);
    const none = (body: object) => scale.refused(404, requeue, 'Not found.', { method: 'POST', body });
    await none({ job_type_names: ['n2'] });
    await none({ job_type_ids: [2 ** 31] });
    await none({ job_type_categories: ['http'] });
    await none({ error_categories: ['DATA'] });
    await none({ started: 'PT1S' });
    await none({ status: 'RUNNING' });
    await none({ job_ids: [] });
    const refused = (body: object, detail: string) =>
      scale.refused(400, requeue, detail, { method: 'POST', body });
    await refused({ job_ids: ['x'] }, 'Parameter must be a valid integer: "job_ids"');
    const many = Array.from({ length: 1001 }, (_, id) => id);
    await refused({ job_ids: many }, 'Parameter must have 1000 values at most: "job_ids"');
    await refused({ job_ids: {} }, 'Parameter must be a valid integer: "job_ids"');
    await refused({ status: 1 }, 'Parameter must be a valid string: "status"');
    await refused({ job_type_names: ['a\u0000'] }, 'Parameter must be a valid string: "job_type_names"');
    await refused({ priority: 'high' }, 'Parameter must be a valid integer: "priority"');
    await refused({ ended: 'x' }, 'Invalid ISO timestamp format for parameter: ended');
    await refused({ batch_ids: [1] }, 'Unexpected fields: batch_ids');
    const found = { error_categories: ['SYSTEM'], job_type_names: ['n1'], started: 'P1D', status: 'FAILED' };
    expect((await post(requeue, found)).json['count']).to.equal(1);
  });

  it('does one job again, in the older form', async () => {
    await makeF1(web);
    const path = '/queue/requeue-job/';
    const [failed] = await scale.ids('/v3/jobs/?status=FAILED');
    const [running] = await scale.ids('/v3/jobs/?status=RUNNING');
    const { status, json } = await post(path, { job_id: failed });
    expect([status, json['status']]).to.deep.equal([200, 'QUEUED']);
    const late = await post(path, { job_id: running });
    expect([late.status, JSON.parse(late.text)]).to.deep.equal([
      409,
      'Job must be in the CANCELED or FAILED state for requeue',
    ]);
    await scale.refused(404, path, 'Not found.', { method: 'POST', body: { job_id: 2 ** 31 } });
    await scale.refused(400, path, 'Missing required parameter: "job_id"', { method: 'POST' });
    const { text: key } = await web.makeKey({ project: 'other', scopes: ['*'] });
    for (const [where, body] of [
      [path, { job_id: failed }],
      [requeue, { job_ids: [failed] }],
    ] as const)
      await scale.refused(404, where, 'Not found.', { method: 'POST', body, key });
  });

  it('says what waits, by job type', async () => {
    expect(await scale.get('/queue/status/')).to.deep.equal({ queue_status: [] });
    const at = Date.now() - 60_000;
    await making(web.room, async (make) => {
      const urgent = await someJob(make.tx, { slug: 'urgent' });
      await make.run(urgent, at + 1000, { priority: 10 });
      const usual = await someJob(make.tx, { slug: 'usual', kind: 'container' });
      await make.run(usual, at);
      await make.run(usual, at + 5000, { priority: 2 });
    });
    const usual = {
      job_type_name: 'usual',
      job_type_version: '1',
      is_job_type_paused: false,
      count: 2,
      longest_queued: new Date(at).toISOString(),
      highest_priority: 80,
    };
    const { queue_status: waiting } = await scale.get('/queue/status/');
    expect(waiting).to.have.length(2);
    expect((waiting as object[])[0]).to.deep.include({
      job_type_name: 'urgent',
      highest_priority: 0,
      count: 1,
    });
    expect((waiting as object[])[1]).to.deep.equal(usual);
    const { text: key } = await web.makeKey({ project: 'other', scopes: ['runs:read'] });
    expect(await scale.get('/queue/status/', { key })).to.deep.equal({ queue_status: [] });
  });
});
