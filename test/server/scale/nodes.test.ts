import { expect } from 'chai';
import { sharedEngine } from '../../fixtures/engine.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { awayEngine, listedEngine } from '../access/webFixture.ts';
import { asking, type Asking, idOf } from './asking.ts';
import { making, openScale, type ScaleWeb, type Shown, someJob } from './executionFixture.ts';

describe('the nodes of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  before(async () => {
    const { socket } = await sharedEngine();
    web = await openScale({
      engines: [
        listedEngine('here', socket, { slots: 4, disk: { highBytes: 2 ** 30, lowBytes: 2 ** 29 } }),
        awayEngine('away'),
      ],
    });
    scale = asking(web);
    await web.room.wishes.setServer('paused');
    await making(web.room, async (make) => {
      const job = await someJob(make.tx, { slug: 'site' });
      for (const [engine, ending] of [
        ['gone', {}],
        ['here', {}],
        ['here', { reason: 'build_step_failed' }],
        ['here', { isCanceled: true }],
        ['here', undefined],
      ] as const) {
        await make.run(job, Date.now() - 1000, { maxAttempts: 1 });
        const taken = await make.take(engine, Date.now() - 500);
        if (ending) await make.end(taken, Date.now() - 100, ending);
      }
    });
    await waitFor('both engines to be asked', () =>
      web.room.engines.seats().every(({ state }) => state !== 'unknown'),
    );
  });
  after(() => web.close());

  const nodeNamed = async (name: string): Promise<Shown> => {
    const { results } = await scale.page('/nodes/?include_inactive=true');
    const node = results.find(({ hostname }) => hostname === name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  };

  it('are the engines of the settings, and those that were in them where they are asked for', async () => {
    const names = async (query: string) =>
      (await scale.page(`/nodes/?order=hostname&${query}`)).results.map(({ hostname }) => hostname);
    expect(await names('')).to.deep.equal(['away', 'here']);
    expect(await names('include_inactive=TRUE')).to.deep.equal(['away', 'gone', 'here']);
    expect(await names('include_inactive=0&order=-id&page_size=1')).to.have.length(1);
    expect(await names('ended=P1D')).to.deep.equal([]);
    await scale.refused(
      400,
      '/nodes/?include_inactive=maybe',
      'Parameter must be a valid boolean: "include_inactive"',
    );
    await scale.refused(400, '/nodes/?order=bogus', 'Invalid order field: "bogus"');
    const here = await nodeNamed('here');
    expect(here).to.deep.include({ port: 0, slave_id: 'here', is_active: true, archived: null });
    expect(here).to.deep.include({ is_paused: false, is_paused_errors: false, pause_reason: null });
    expect(here['last_offer']).to.be.a('string');
    expect(await nodeNamed('gone')).to.deep.include({ is_active: false, last_offer: null });
  });

  it('show what runs on them, and what they have', async () => {
    const id = idOf(await nodeNamed('here'));
    const here = await scale.get(`/nodes/${id}/`);
    const running = here['job_exes_running'] as Shown[];
    expect(running.map(({ status, node }) => ({ status, node }))).to.deep.equal([
      { status: 'RUNNING', node: { id } },
    ]);
    expect(await scale.ids(`/job-executions/?node_id=${id}&status=RUNNING`)).to.deep.equal(running.map(idOf));
    expect(here).to.have.nested.property('resources.total.cpus').that.is.greaterThan(0);
    expect(here).to.have.nested.property('resources.total.disk', 1024);
    expect(here).not.to.have.property('disconnected');
    const away = await scale.get(`/nodes/${idOf(await nodeNamed('away'))}/`);
    expect(away).to.deep.include({ disconnected: true, job_exes_running: [] });
    expect(away).not.to.have.property('resources');
    for (const bad of ['0', '999', 'x', '99999999999999999999'])
      await scale.refused(404, `/nodes/${bad}/`, 'Not found.');
  });

  it('say how they did lately', async () => {
    const { count, results } = await scale.page('/nodes/status/');
    expect(count).to.equal(2);
    const status = results.find(({ node }) => (node as Shown)['hostname'] === 'here');
    expect(status).to.have.property('is_online', true);
    const counts = status?.['job_exe_counts'] as Shown[];
    expect(counts.map((one) => [one['status'], one['count']])).to.deep.equal([
      ['COMPLETED', 1],
      ['FAILED', 1],
      ['CANCELED', 1],
    ]);
    expect(status?.['job_exes_running']).to.have.length(1);
    const away = results.find(({ node }) => (node as Shown)['hostname'] === 'away');
    expect(away).to.deep.include({ is_online: false, job_exe_counts: [] });
    await scale.refused(
      400,
      '/nodes/status/?started=x',
      'Invalid ISO timestamp format for parameter: started',
    );
    const future = await scale.page('/nodes/status/?started=2100-01-01T00:00:00Z');
    expect(future.results.flatMap((one) => one['job_exe_counts'])).to.deep.equal([]);
  });

  it('are paused and resumed', async () => {
    const path = `/nodes/${idOf(await nodeNamed('here'))}/`;
    const change = (method: string, body: unknown) => scale.ask(method, path, { body });
    const paused = await change('PATCH', { pause_reason: 'A new disk', is_paused: true });
    expect([paused.status, paused.json['is_paused']]).to.deep.equal([201, true]);
    expect(paused.headers.location).to.equal(`http://127.0.0.1:${web.port}${path}`);
    expect(web.room.wishes.of('here')).to.equal('paused');
    expect(web.told.join()).to.include('A new disk');
    // Who drains it has said more than that.
    await web.room.wishes.setEngine('here', 'draining');
    await change('PATCH', { is_paused: true });
    expect(web.room.wishes.of('here')).to.equal('draining');
    const whole = { hostname: 'here', port: 0, is_active: true, is_paused: false };
    expect((await change('PUT', whole)).json).to.deep.include({ is_paused: false, pause_reason: null });
    expect(web.room.wishes.of('here')).to.equal('on');
  });

  it('refuse all other changes', async () => {
    const path = `/nodes/${idOf(await nodeNamed('here'))}/`;
    const refused = (status: number, body: unknown, detail: string, method = 'PATCH') =>
      scale.refused(status, path, detail, { method, body });
    await refused(400, {}, 'No fields specified for update.');
    await refused(400, { slots: 3 }, 'Unexpected fields: slots');
    await refused(400, { is_paused: 'yes' }, 'Parameter must be a valid boolean: "is_paused"');
    await refused(400, { pause_reason: 3 }, 'Parameter must be a valid string: "pause_reason"');
    await refused(400, { is_paused: true }, 'Missing required fields: hostname, port, is_active', 'PUT');
    await refused(409, { hostname: 'there' }, 'hostname stands in settings.json, and is changed there');
    await refused(409, { is_active: false }, 'is_active stands in settings.json, and is changed there');
    const { text: reader } = await web.makeKey({ project: null, scopes: ['stats:read'] });
    await scale.refused(403, path, undefined, { method: 'PATCH', key: reader, body: { is_paused: true } });
    expect(web.room.wishes.of('here')).to.equal('on');
  });

  it('and the server are not there for who sees one project only', async () => {
    const { text: key } = await web.makeKey({ project: 'acme', scopes: ['*', 'admin'] });
    const id = idOf(await nodeNamed('here'));
    for (const path of ['/nodes/', '/nodes/status/', `/nodes/${id}/`, '/status/', '/v3/scheduler/'])
      await scale.refused(404, path, 'Not found.', { key });
    for (const path of [`/nodes/${id}/`, '/v3/scheduler/'])
      await scale.refused(404, path, 'Not found.', { key, method: 'PATCH', body: { is_paused: true } });
  });
});
