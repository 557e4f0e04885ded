import { expect } from 'chai';
import { makeF2, openScale, type ScaleWeb } from '../server/scale/executionFixture.ts';
import { addNotifyAuthor } from '../server/barbeque/fixture.ts';

const nobodys = 2_000_000;

/** Numbers of executions, jobs and job types can be guessed: one counts up. */
describe('attack: a key of one project and the executions of another', () => {
  let web: ScaleWeb;
  let key: string;
  /** Numbers of what belongs to acme. */
  const theirs = { execution: 0, run: 0, jobType: 0, runId: '' };

  before(async () => {
    web = await openScale();
    await web.room.wishes.setServer('paused');
    await makeF2(web, Date.now());
    await addNotifyAuthor(web);
    key = (await web.makeKey({ project: 'beta', scopes: ['*'] })).text;
    const executions = await web.room.store.read.executions(
      { project: 'acme', states: ['failed'] },
      [{ field: 'key', descending: true }],
      { offset: 0, limit: 1 },
    );
    const [{ attempt, run, job } = expect.fail()] = executions;
    Object.assign(theirs, { execution: attempt.key, run: run.key, jobType: job.key, runId: run.id });
  });
  after(() => web.close());

  const ask = (method: string, path: string, body?: unknown, as = key) =>
    web.ask(method, path, { key: as, ...(body !== undefined && { body }) });

  /** What would tell of any change in acme. */
  async function standing(): Promise<unknown> {
    const { read } = web.room.store;
    const order = [{ field: 'key', descending: false }] as const;
    const filter = { project: 'acme' };
    const runs = await read.listedRuns(filter, order, { offset: 0, limit: 1000 });
    return runs.map(({ run, modifiedAt }) => [run.key, run.state, run.cancelRequestedAt, modifiedAt]);
  }

  it('are not there for it, and neither is whether there are any', async () => {
    const paths = (id: number, run: number, type: number): [string, string, unknown?][] => [
      ['GET', `/job-executions/${id}/`],
      ['GET', `/job-executions/${id}/logs/`],
      ['GET', `/api/v3/job-executions/${id}/logs/combined/`],
      ['GET', `/v6/job-executions/${id}/logs/stdout/?format=txt`],
      ['GET', `/v3/jobs/${run}/`],
      ['GET', `/v6/jobs/${run}/`],
      ['GET', `/v6/jobs/${run}/executions/`],
      ['GET', `/v6/jobs/${run}/executions/1/`],
      ['GET', `/v6/jobs/${run}/input_files/`],
      ['GET', `/v6/jobs/${run}/output_files/`],
      ['PATCH', `/v3/jobs/${run}/`, { status: 'CANCELED' }],
      ['GET', `/job-types/${type}/`],
      ['PATCH', `/job-types/${type}/`, { is_paused: true }],
      ['POST', '/queue/new-job/', { job_type_id: type, job_data: {} }],
      ['POST', '/queue/requeue-job/', { job_id: run }],
      ['POST', '/queue/requeue-jobs/', { job_ids: [run] }],
      ['POST', '/queue/requeue-jobs/', { job_type_ids: [type] }],
    ];
    const before = await standing();
    const none = paths(nobodys, nobodys, nobodys);
    for (const [index, [method, path, body]] of paths(
      theirs.execution,
      theirs.run,
      theirs.jobType,
    ).entries()) {
      const { status, text } = await ask(method, path, body);
      expect(status, `${method} ${path}: ${text}`).to.equal(404);
      const [, otherPath = '', otherBody] = none[index] ?? [];
      expect((await ask(method, otherPath, otherBody)).text, path).to.equal(text);
    }
    expect(await standing()).to.deep.equal(before);
  });

  it('are in no list, no count and no page of it', async () => {
    const { read } = web.room.store;
    const own = await read.countExecutions({ project: 'beta' });
    expect(own).to.be.lessThan(await read.countExecutions({}));
    const counted = async (path: string) => {
      const { status, json, text } = await ask('GET', path);
      expect(status, `${path}: ${text}`).to.equal(200);
      expect(text, path).not.to.contain('"acme');
      return json['count'];
    };
    expect(await counted('/job-executions/')).to.equal(own);
    expect(await counted('/v3/jobs/?page=last&page_size=7')).to.equal(own);
    expect((await ask('GET', `/v3/jobs/?page_size=1&page=${own + 1}`)).status).to.equal(404);
    for (const list of [
      '/job-executions/',
      '/v3/jobs/',
      '/v3/jobs/updates/',
      '/v3/jobs/executions/',
      '/v6/jobs/',
    ]) {
      expect(await counted(`${list}?job_type_id=${theirs.jobType}`), list).to.equal(0);
      expect(await counted(`${list}?job_type_name=b`), list).to.equal(0);
    }
    expect(await counted(`/v3/jobs/?job_id=${theirs.run}`)).to.equal(0);
    for (const list of [
      '/job-types/',
      '/job-types/status/',
      '/job-types/running/',
      '/job-types/system-failures/',
    ])
      expect(await counted(list), list).to.be.lessThan(2);
    const { json } = await ask('GET', '/queue/status/');
    expect(JSON.stringify(json)).not.to.contain('"b"');
  });

  it('stay as they are, whatever it does to all that fits a filter', async () => {
    const before = await standing();
    for (const body of [
      { status: ['FAILED', 'CANCELED'] },
      { started: 'P365D' },
      { job_type_names: ['a', 'b'] },
      { job_type_categories: ['build', 'container'] },
      { job_ids: Array.from({ length: 250 }, (_, index) => index + 1) },
    ]) {
      expect((await ask('POST', '/queue/requeue-jobs/', body)).status).to.be.oneOf([200, 404]);
      expect((await ask('POST', '/v6/jobs/requeue/', body)).status).to.equal(202);
      expect((await ask('POST', '/v6/jobs/cancel/', body)).status).to.equal(202);
    }
    expect(await standing()).to.deep.equal(before);
  });

  it('cannot be made, shown, retried or locked by it through Barbeque', async () => {
    const before = await standing();
    const enqueue = (application: string, job: string) =>
      ask('POST', '/v2/job_executions', JSON.stringify({ application, job, queue: 'default', message: 1 }));
    const post = (path: string, body: unknown) =>
      web.ask('POST', path, { key, body, headers: { 'Content-Type': 'application/json' } });
    const wish = (application: string, job: string) => ({ application, job, queue: 'default', message: 1 });
    for (const [application, job] of [
      ['blog', 'NotifyAuthor'],
      ['blog', 'Nope'],
      ['nope', 'NotifyAuthor'],
    ] as const) {
      const { status, json } = await post('/v2/job_executions', wish(application, job));
      const error = `JobDefinition '${job}' isn't defined in '${application}' application`;
      expect([status, json]).to.deep.equal([400, { error }]);
    }
    expect((await enqueue('blog', 'NotifyAuthor')).status).to.equal(400);
    for (const [method, path] of [
      ['GET', `/v1/job_executions/${theirs.runId}?fields=*`],
      ['POST', `/v1/job_executions/${theirs.runId}/retries`],
      ['POST', '/v1/apps/acme/revision_lock?revision=v1'],
      ['POST', '/v1/apps/nope/revision_lock?revision=v1'],
      ['DELETE', '/v1/apps/acme/revision_lock'],
    ] as const)
      expect((await ask(method, path)).status, path).to.equal(404);
    expect(await web.room.store.read.projectRevision('acme')).to.equal(null);
    expect(await standing()).to.deep.equal(before);
  });

  it('are not held up by it through what is the whole server’s', async () => {
    const requests: [string, string, unknown?][] = [
      ['GET', '/queues'],
      ['GET', '/queues/default'],
      ['PUT', '/queues/default', { paused: true }],
      ['PUT', '/queues/mine', { max_running: 1 }],
      ['POST', '/queues/default/pause'],
      ['POST', '/queues/held/resume'],
      ['DELETE', '/queues/held'],
      ['GET', '/nodes/'],
      ['GET', '/nodes/status/'],
      ['GET', '/nodes/1/'],
      ['GET', '/status/'],
      ['GET', '/v3/scheduler/'],
    ];
    for (const [method, path, body] of requests)
      expect((await ask(method, path, body)).status, `${method} ${path}`).to.equal(404);
    for (const [method, path] of [
      ['PATCH', '/nodes/1/'],
      ['PUT', '/nodes/1/'],
      ['PATCH', '/v3/scheduler/'],
    ] as const)
      expect((await ask(method, path, { is_paused: true })).status, path).to.equal(403);
    const all = (await web.makeKey({ project: null, scopes: ['jobs:read', 'runs:read', 'stats:read'] })).text;
    for (const [method, path, body] of requests.slice(2, 7))
      expect((await ask(method, path, body, all)).status, `${method} ${path}`).to.equal(403);
  });

  it('are not what a container of it runs', async () => {
    const container = (image: unknown) => ({
      project_id: 'beta',
      name: 'x',
      slug: 'thief',
      container: { image },
    });
    for (const slug of ['b', 'nope']) {
      const { status, json } = await ask('POST', '/v1/jobs', container({ job: slug }));
      expect([status, json['error']]).to.deep.equal([
        400,
        `invalid container.image: the project has no job "${slug}"`,
      ]);
    }
    for (const image of [
      { job: 'acme/a' },
      { job: '../acme/a' },
      { job: 'a', project: 'acme' },
      { job: theirs.runId },
    ])
      expect((await ask('POST', '/v1/jobs', container(image))).status).to.equal(400);
  });
});
