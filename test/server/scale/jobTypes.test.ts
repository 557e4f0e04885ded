import { expect } from 'chai';
import type { Job } from '../../../server/words/job.ts';
import { asking, type Asking, idOf } from './asking.ts';
import {
  jobTypeKeys,
  makeF1,
  making,
  openScale,
  type ScaleWeb,
  type Shown,
  someJob,
} from './executionFixture.ts';

describe('the job types of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  let hook: Job;
  before(async () => {
    web = await openScale();
    scale = asking(web);
    await makeF1(web);
    hook = await making(web.room, ({ tx }) =>
      someJob(tx, {
        project: 'beta',
        slug: 'hook',
        kind: 'http',
        enabled: false,
        definition: {
          http: { url: 'http://127.0.0.1:9/' },
          description: 'Calls.',
          maxConcurrency: 3,
          payloadSchema: { required: ['to'], properties: { to: {}, from: {} } },
        },
        createdBy: 'apikey:1',
        now: Date.now(),
      }),
    );
  });
  after(() => web.close());

  it('are jobs, by name and version', async () => {
    const { count, results } = await scale.page('/job-types/');
    expect(count).to.equal(3);
    expect(results.map(({ name }) => name)).to.deep.equal(['hook', 'n1', 'n2']);
    expect(results[0]).to.deep.include({
      id: hook.key,
      version: '1',
      title: 'beta/hook',
      description: 'Calls.',
      category: 'http',
      author_name: 'apikey:1',
      is_active: false,
      is_paused: false,
      uses_docker: false,
      docker_image: null,
      max_scheduled: 3,
      timeout: 300,
      revision_num: 1,
      created: new Date(hook.createdAt).toISOString(),
    });
    expect(results[2]).to.deep.include({ category: 'container', docker_image: 'busybox', icon_code: 'f120' });
    const [execution] = (await scale.page('/job-executions/?job_type_name=n1')).results;
    const nested = (execution?.['job'] as Shown | undefined)?.['job_type'];
    expect(nested).to.have.all.keys(...jobTypeKeys);
    expect(results[1]).to.deep.include(nested);
  });

  it('take filters and an order', async () => {
    const names = async (query: string) =>
      (await scale.page(`/job-types/?${query}`)).results.map(({ name }) => name);
    expect(await names('name=n1&name=hook')).to.deep.equal(['hook', 'n1']);
    expect(await names('category=build')).to.deep.equal(['n1']);
    expect(await names('category=')).to.deep.equal([]);
    expect(await names('started=PT1H')).to.deep.equal(['hook']);
    expect(await names('order=-name&page_size=2')).to.deep.equal(['n2', 'n1']);
    expect(await names('order=-is_active&order=title')).to.deep.equal(['n1', 'n2', 'hook']);
    await scale.refused(400, '/job-types/?order=interface', 'Invalid order field: "interface"');
    const { text: key } = await web.makeKey({ project: 'beta', scopes: ['jobs:read'] });
    expect(await scale.ids('/job-types/', { key })).to.deep.equal([hook.key]);
  });

  it('show their interface, and how their jobs went', async () => {
    const one = await scale.get(`/job-types/${hook.key}/`);
    expect(one['interface']).to.have.deep.property('input_data', [
      { name: 'to', type: 'property', required: true },
      { name: 'from', type: 'property', required: false },
    ]);
    const [n1] = (await scale.page('/job-types/?name=n1')).results;
    const build = await scale.get(`/job-types/${idOf(n1)}/`);
    expect(build['job_counts_24h']).to.deep.equal([
      { status: 'FAILED', count: 1, most_recent: null, category: 'SYSTEM' },
      { status: 'RUNNING', count: 1, most_recent: null, category: null },
    ]);
    expect(build).to.have.nested.property('interface.input_data[0].name', 'ref');
    for (const bad of ['0', '999', 'x', '99999999999999999999', 'validation'])
      await scale.refused(404, `/job-types/${bad}/`, 'Not found.');
    await scale.refused(405, '/job-types/', 'Method "POST" not allowed.', { method: 'POST', body: {} });
    const { text: key } = await web.makeKey({ project: 'acme', scopes: ['*'] });
    await scale.refused(404, `/job-types/${hook.key}/`, 'Not found.', { key });
  });

  it('sum up what runs, what went how, and what the system failed', async () => {
    const running = (await scale.page('/job-types/running/')).results;
    expect(running.map((one) => [(one['job_type'] as Shown)['name'], one['count']])).to.deep.equal([
      ['n1', 1],
      ['n2', 1],
    ]);
    expect(running[0]?.['longest_running']).to.be.a('string');
    const failures = (await scale.page('/job-types/system-failures/')).results;
    expect(failures).to.have.length(1);
    expect(failures[0]).to.have.nested.property('error.name', 'node-lost');
    expect(failures[0]).to.deep.include({ count: 1 });
    const status = (await scale.page('/job-types/status/?started=P1D')).results;
    expect(status).to.have.length(3);
    const counts = (name: string) =>
      status.find((one) => (one['job_type'] as Shown)['name'] === name)?.['job_counts'];
    expect(counts('n2')).to.deep.equal([
      { status: 'COMPLETED', count: 2, most_recent: null, category: null },
      { status: 'RUNNING', count: 1, most_recent: null, category: null },
    ]);
    expect(counts('hook')).to.deep.equal([]);
    const { text: key } = await web.makeKey({ project: 'beta', scopes: ['jobs:read'] });
    for (const path of ['running/', 'system-failures/'])
      expect(await scale.page(`/job-types/${path}`, { key })).to.deep.include({ count: 0, results: [] });
  });

  it('are paused and resumed, and changed in no other way', async () => {
    const path = `/job-types/${hook.key}/`;
    const patch = (body: unknown) => scale.ask('PATCH', path, { body });
    expect((await patch({ is_paused: true })).json).to.include({ is_paused: true });
    expect((await web.room.store.read.job(hook.id))?.paused).to.equal(true);
    const again = await patch({ is_paused: false });
    expect(again.json).to.deep.include({ is_paused: false, paused: null });
    const refused = (body: unknown, detail: string) =>
      scale.refused(400, path, detail, { method: 'PATCH', body });
    await refused({ timeout: 3 }, 'Fields do not allow updates: timeout');
    await refused({}, 'Missing required parameter: "is_paused"');
    await refused({ is_paused: 'x' }, 'Parameter must be a valid boolean: "is_paused"');
    const { text: key } = await web.makeKey({ project: 'beta', scopes: ['jobs:read'] });
    await scale.refused(403, path, undefined, { method: 'PATCH', key, body: { is_paused: true } });
  });
});
