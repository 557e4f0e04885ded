import { expect } from 'chai';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { idOf } from './asking.ts';
import type { Page, Shown } from './executionFixture.ts';

/** What both pages send with every request. */
const headers = { Accept: 'application/json, text/plain, */*' };
const ended = ['COMPLETED', 'FAILED', 'CANCELED'];

describe('the pages of Scale, by their own requests', () => {
  let world: World;
  let app: number;
  let slow: number;

  async function send(method: string, path: string, body?: object): Promise<Response> {
    const response = await world.server.request(path, {
      method,
      headers: { ...headers, ...(body && { 'Content-Type': 'application/json;charset=UTF-8' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${path}: ${response.status}`).to.equal(true);
    return response;
  }
  const get = async (path: string) => (await (await send('GET', path)).json()) as Shown;
  const page = async (path: string) => (await get(path)) as unknown as Page;

  const jobIs = (id: number, statuses: readonly string[], api = '/api') =>
    waitFor(`job ${id} to be ${statuses.join(' or ')}`, async () => {
      const job = await get(`${api}/jobs/${id}/`);
      return statuses.includes(String(job['status'])) ? job : undefined;
    });

  before(async () => {
    world = await openWorld();
    const dockerfile = (command: string) => ({ Dockerfile: `FROM busybox\nRUN ${command}\n` });
    await createRepository(world.git, 'acme/app', dockerfile('echo built; echo warned >&2'), {
      branch: 'main',
    });
    await createRepository(world.git, 'acme/slow', dockerfile('echo begun; sleep 102'), { branch: 'main' });
    const types = await Promise.all(
      ['app', 'slow'].map((slug) =>
        send('POST', '/v1/jobs', {
          project_id: 'acme',
          name: slug,
          slug,
          image: { source: { account: 'acme', repo: slug, ref: 'main' } },
        }),
      ),
    );
    expect(types.map(({ status }) => status)).to.deep.equal([201, 201]);
    const { results } = await page('/api/job-types/?page=1&page_size=1000');
    [app = 0, slow = 0] = results.map(idOf);
  });
  after(() => world.close());

  async function newJob(job_type_id: number): Promise<number> {
    return idOf(await (await send('POST', '/api/queue/new-job/', { job_type_id, job_data: {} })).json());
  }

  it('work in April 2016: a job, its executions and its logs', async () => {
    expect(await get('/api/v3/version/')).to.deep.equal({ version: '3.0.0' });
    const id = await newJob(app);
    const job = await jobIs(id, ended);
    expect(job).to.include({ status: 'COMPLETED', num_exes: 1, error: null });
    const [output] = (job['results'] as { output_data: Shown[] }).output_data;
    expect(output).to.include({ name: 'app' }).and.to.have.property('file_id').that.is.a('number');
    expect(job['outputs']).to.have.nested.property('[0].value.id', output?.['file_id']);
    const list = await page(
      '/api/jobs/?page=1&page_size=25&started=PT24H&order=-last_modified&status=COMPLETED',
    );
    expect(list.results.map(idOf)).to.deep.equal([id]);
    const grid = await page('/api/job-executions/?page=1&page_size=25');
    expect(grid.count).to.equal(1);
    const [exe] = job['job_exes'] as Shown[];
    expect(idOf(exe)).to.equal(idOf(grid.results[0]));
    const execution = await get(`/api/job-executions/${idOf(exe)}/`);
    expect(execution).to.deep.include({ status: 'COMPLETED', job_exit_code: 0, results: job['results'] });
    const log = await get(`/api/job-executions/${idOf(exe)}/logs/`);
    expect(log).to.include({ is_finished: true });
    expect(log['stdout']).to.include('built');
  });

  it('work in April 2016: cancel and requeue, and what stands around them', async () => {
    const id = await newJob(slow);
    await jobIs(id, ['RUNNING']);
    const running = await page('/api/job-types/running/?pageNumber=1&pageSize=10');
    expect(running.results.map((one) => idOf(one['job_type']))).to.deep.equal([slow]);
    const [node] = (await page('/api/nodes/status/?page_size=1000&started=PT3H')).results;
    expect(node).to.have.nested.property('job_exes_running.length', 1);
    await waitFor('the build to print', async () => {
      const [exe] = (await get(`/api/jobs/${id}/`))['job_exes'] as Shown[];
      return String((await get(`/api/job-executions/${idOf(exe)}/logs/`))['stdout']).includes('begun');
    });
    const canceled = (await (
      await send('PATCH', `/api/jobs/${id}/`, { status: 'CANCELED' })
    ).json()) as Shown;
    expect(canceled).to.include({ id, status: 'CANCELED', error: null });
    const nodeId = idOf(node?.['node']);
    await send('PATCH', `/api/nodes/${nodeId}/`, { pause_reason: '', is_paused: true });
    const requeued = await send('POST', '/api/queue/requeue-jobs/', { job_ids: [id] });
    const [again] = ((await requeued.json()) as Page).results;
    expect(again).to.include({ status: 'QUEUED' });
    expect((await get('/api/queue/status/'))['queue_status']).to.have.nested.property('[0].count', 1);
    expect(await get('/api/status/')).to.include({ queue_depth: 1 });
    await send('PATCH', `/api/nodes/${nodeId}/`, { pause_reason: '', is_paused: false });
    await jobIs(idOf(again), ['RUNNING']);
    await send('PATCH', `/api/jobs/${idOf(again)}/`, { status: 'CANCELED' });
  });

  it('work in version 6: executions of a job, its combined log, cancel and requeue', async () => {
    const id = await newJob(slow);
    await jobIs(id, ['RUNNING'], '/api/v6');
    const { results } = await page(`/api/v6/jobs/${id}/executions/`);
    const [exe] = results;
    expect(exe).to.include({ exe_num: 1, status: 'RUNNING' });
    expect(await get(`/api/v6/jobs/${id}/executions/1/`)).to.include({ id: exe?.['id'] });
    const combined = `/api/v6/job-executions/${idOf(exe)}/logs/combined/`;
    const lines = await waitFor('the log to have lines', async () => {
      const response = await send('GET', combined);
      if (response.status === 204) return undefined;
      const { hits } = (await response.json()) as { hits: { hits: { _source: Shown }[] } };
      const sources = hits.hits.map(({ _source }) => _source);
      return sources.some(({ message }) => String(message).includes('begun')) ? sources : undefined;
    });
    const since = encodeURIComponent(String(lines.at(-1)?.['@timestamp']));
    expect([200, 204]).to.include((await send('GET', `${combined}?started=${since}`)).status);
    expect((await send('POST', '/api/v6/jobs/cancel/', { job_ids: [id] })).status).to.equal(202);
    await jobIs(id, ['CANCELED'], '/api/v6');
    expect((await send('POST', '/api/v6/jobs/requeue/', { job_ids: [id] })).status).to.equal(202);
    const list = await page('/api/v6/jobs/?page=1&page_size=10&order=-id&status=QUEUED&status=RUNNING');
    expect(list.results[0]).to.have.nested.property('event.type', 'REQUEUE');
    await send('POST', '/api/v6/jobs/cancel/', { job_ids: list.results.map(idOf) });
    await jobIs(idOf(list.results[0]), ['CANCELED'], '/api/v6');
  });
});
