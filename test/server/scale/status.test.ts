import { expect } from 'chai';
import { adminToken, awayEngine } from '../access/webFixture.ts';
import { asking, type Asking } from './asking.ts';
import { making, openScale, type ScaleWeb, someJob } from './executionFixture.ts';

describe('the status of Scale', () => {
  let web: ScaleWeb;
  let scale: Asking;
  before(async () => {
    web = await openScale({ engines: [awayEngine('away')] });
    scale = asking(web);
    await making(web.room, async (make) => {
      const job = await someJob(make.tx, { slug: 'site' });
      await make.run(job, Date.now());
      await make.run(job, Date.now());
    });
  });
  after(() => web.close());

  it('says that the server is there, what waits and what engines have', async () => {
    const nothing = { cpus: 0, mem: 0, disk: 0 };
    const status = {
      master: { is_online: true, hostname: '127.0.0.1', port: web.port },
      scheduler: { is_online: true, is_paused: false, hostname: '127.0.0.1' },
      queue_depth: 2,
      resources: { total: nothing, scheduled: nothing, used: nothing },
    };
    for (const path of ['/status/', '/v3/status/', '/api/status/', '/api/v3/status/'])
      expect(await scale.get(path)).to.deep.equal(status);
    const named = await web.ask('GET', '/status/', { key: adminToken, headers: { Host: 'scale.example' } });
    expect(named.json['master']).to.deep.equal({ is_online: true, hostname: 'scale.example', port: 80 });
    for (const Host of [':::', 'a:b', 'a:99999', '[', '1.2.3.4.5']) {
      const { status: code, json } = await web.ask('GET', '/status/', { key: adminToken, headers: { Host } });
      expect([Host, code, json['master']]).to.deep.equal([
        Host,
        200,
        { is_online: true, hostname: '127.0.0.1', port: web.port },
      ]);
    }
  });

  it('pauses everything and resumes it', async () => {
    const change = (body: unknown) => scale.ask('PATCH', '/api/scheduler/', { body });
    expect(await scale.get('/v3/scheduler/')).to.deep.equal({ is_paused: false });
    const { status, json } = await change({ is_paused: true });
    expect([status, json]).to.deep.equal([201, { is_paused: true }]);
    expect(web.room.wishes.server()).to.equal('paused');
    expect(await scale.get('/status/')).to.have.nested.property('scheduler.is_paused', true);
    await web.room.wishes.setServer('draining');
    await change({ is_paused: true });
    expect(web.room.wishes.server()).to.equal('draining');
    expect((await change({ is_paused: false })).json).to.deep.equal({ is_paused: false });
    expect(web.room.wishes.server()).to.equal('on');
    const refused = (body: unknown, detail: string) =>
      scale.refused(400, '/v3/scheduler/', detail, { method: 'PATCH', body });
    await refused({}, 'No fields specified for update.');
    await refused({ is_paused: 1 }, 'Parameter must be a valid boolean: "is_paused"');
    await refused({ is_paused: null }, 'No fields specified for update.');
    await refused({ mode: 'x' }, 'Unexpected fields: mode');
  });

  it('names the version of the interface', async () => {
    for (const path of ['/version/', '/api/version/', '/api/v3/version/', '/v3/version/'])
      expect(await scale.get(path)).to.deep.equal({ version: '3.0.0' });
    await scale.refused(405, '/version/', 'Method "DELETE" not allowed.', { method: 'DELETE' });
  });
});
