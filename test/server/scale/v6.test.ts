import { expect } from 'chai';
import type { Run } from '../../../server/words/run.ts';
import { asking, type Asking, idOf } from './asking.ts';
import { makeF1, making, openScale, phase, type ScaleWeb, type Shown, someJob } from './executionFixture.ts';

describe('version 6 of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  let first: Run;
  before(async () => {
    web = await openScale();
    scale = asking(web);
    ({ first } = await makeF1(web));
  });
  after(() => web.close());

  const post = (path: string, body: unknown) => scale.ask('POST', path, { body });
  const statusOf = async (key: number) => (await scale.get(`/v6/jobs/${key}/`))['status'];

  it('lists jobs, each with its newest execution', async () => {
    const query = `order=-last_modified&page=1&page_size=10&job_id=${first.key}&include_superseded=false`;
    const { count, results } = await scale.page(`/api/v6/jobs/?${query}`);
    expect(count).to.equal(1);
    const [job] = results;
    expect(job).to.deep.include({ status: 'RUNNING', is_superseded: false, recipe: null, num_exes: 4 });
    expect(job).to.have.nested.property('execution.exe_num', 4);
    expect(job).to.have.nested.property('node.hostname', 'node-4');
    const [old] = (await scale.page(`/v3/jobs/?job_id=${first.key}`)).results;
    expect(job).to.deep.include(old ?? {});
    const one = await scale.get(`/api/v6/jobs/${first.key}/`);
    expect(one['input']).to.deep.equal({ version: '7', files: {}, json: { ref: 'main' } });
    expect(one).to.have.nested.property('execution.task_results.version', '1.0');
    expect(one).to.deep.include({ ...job, execution: one['execution'] });
  });

  it('lists the executions of a job, the newest first, and shows each by its number', async () => {
    const path = `/v6/jobs/${first.key}/executions/`;
    const { results } = await scale.page(path);
    expect(results.map((one) => [one['exe_num'], one['status']])).to.deep.equal([
      [4, 'RUNNING'],
      [3, 'FAILED'],
      [2, 'FAILED'],
      [1, 'FAILED'],
    ]);
    expect(await scale.ids(path)).to.deep.equal(
      ((await scale.get(`/v3/jobs/${first.key}/`))['job_exes'] as Shown[]).map(idOf),
    );
    expect(await scale.ids(`${path}?status=FAILED&page_size=1&page=3`)).to.deep.equal([idOf(results[3])]);
    const two = await scale.get(`${path}2/`);
    expect(two).to.deep.include(results[2] ?? {});
    expect(two['output']).to.deep.equal({});
    for (const bad of ['0', '5', 'x', '99999999999999999999'])
      await scale.refused(404, `${path}${bad}/`, 'Not found.');
    await scale.refused(404, '/v6/jobs/99999/executions/', 'Not found.');
    await scale.refused(400, `${path}?node_id=x`, 'Parameter must be a valid integer: "node_id"');
    for (const files of ['input_files', 'output_files'])
      expect(await scale.page(`/v6/jobs/${first.key}/${files}/`)).to.deep.include({ count: 0, results: [] });
  });

  it('tells the tasks of an execution', async () => {
    const at = Date.now();
    const run = await making(web.room, async (make) => {
      const made = await make.run(await someJob(make.tx, { slug: 'phased' }), at, { maxAttempts: 1 });
      const taken = await make.take('node-1', at);
      const phases = [phase('clone', at, at + 1, 0), phase('build', at + 1, at + 3, 7)];
      await make.end(taken, at + 3, { reason: 'build_step_failed', phases });
      return made;
    });
    const one = await scale.get(`/v6/jobs/${run.key}/executions/1/`);
    const { tasks } = one['task_results'] as { tasks: Shown[] };
    expect(tasks.map((task) => [task['type'], task['status'], task['exit_code']])).to.deep.equal([
      ['pre', 'COMPLETED', 0],
      ['main', 'FAILED', 7],
    ]);
    expect(one).to.have.nested.property('error.name', 'algorithm-unknown');
  });

  it('tells the tasks that the other versions tell, also where nothing was pushed', async () => {
    const at = Date.now();
    const run = await making(web.room, async (make) => {
      const made = await make.run(await someJob(make.tx, { slug: 'kept' }), at);
      const taken = await make.take('node-1', at);
      await make.end(taken, at + 5, {
        phases: [phase('clone', at, at + 1, 0), phase('build', at + 1, at + 3, 0)],
      });
      return made;
    });
    const one = await scale.get(`/v6/jobs/${run.key}/executions/1/`);
    const { tasks } = one['task_results'] as { tasks: Shown[] };
    expect(tasks.map((task) => [task['type'], task['status']])).to.deep.equal([
      ['pre', 'COMPLETED'],
      ['main', 'COMPLETED'],
      ['post', 'COMPLETED'],
    ]);
    const other = await scale.get(`/v3/job-executions/${idOf(one)}/`);
    expect(tasks.map((task) => [task['started'], task['ended'], task['exit_code']])).to.deep.equal(
      ['pre', 'job', 'post'].map((task) =>
        ['started', 'completed', 'exit_code'].map((what) => other[`${task}_${what}`]),
      ),
    );
  });

  it('cancels many, and does many again', async () => {
    const made = await making(web.room, async (make) => {
      const job = await someJob(make.tx, { slug: 'many', kind: 'container' });
      const runs: Run[] = [];
      for (let i = 0; i < 3; i++) runs.push(await make.run(job, Date.now()));
      return runs;
    });
    const [one, two, three] = made.map(({ key }) => key);
    const canceled = await post('/api/v6/jobs/cancel/', { job_ids: [one, two, 99_999] });
    expect([canceled.status, canceled.text]).to.deep.equal([202, '']);
    expect(await statusOf(one ?? 0)).to.equal('CANCELED');
    expect(await statusOf(three ?? 0)).to.equal('QUEUED');
    await post('/v6/jobs/cancel/', { job_type_names: ['many'], status: 'QUEUED' });
    expect(await statusOf(three ?? 0)).to.equal('CANCELED');
    const requeued = await post('/api/v6/jobs/requeue/', { job_ids: [one, two], url: '/x' });
    expect([requeued.status, requeued.text]).to.deep.equal([202, '']);
    expect((await scale.page('/v6/jobs/?job_type_name=many&status=QUEUED')).count).to.equal(2);
    expect((await post('/v6/jobs/requeue/', { job_ids: [99_999] })).status).to.equal(202);
  });

  it('refuses to cancel what nobody named', async () => {
    const refused = (body: unknown, detail: string) =>
      scale.refused(400, '/v6/jobs/cancel/', detail, { method: 'POST', body });
    await refused(
      {},
      'Say which jobs: at least one of job_ids, status, started, ended, job_type_ids, job_type_names, job_type_categories, error_categories',
    );
    await refused({ job_ids: [1], batch_ids: [2] }, 'Unexpected fields: batch_ids');
    await refused({ job_ids: [1.5] }, 'Parameter must be a valid integer: "job_ids"');
    const { text: key } = await web.makeKey({ project: 'other', scopes: ['*'] });
    for (const path of ['/v6/jobs/cancel/', '/v6/jobs/requeue/'])
      expect((await scale.ask('POST', path, { key, body: { job_ids: [first.key] } })).status).to.equal(202);
    expect(await statusOf(first.key)).to.equal('RUNNING');
    await scale.refused(404, `/v6/jobs/${first.key}/`, 'Not found.', { key });
    await scale.refused(404, `/v6/jobs/${first.key}/executions/1/`, 'Not found.', { key });
  });
});
