import { expect } from 'chai';
import {
  type Ask,
  type Answer,
  awayEngine,
  listedEngine,
  openTestWeb,
  type TestWeb,
} from '../access/webFixture.ts';
import { sharedEngine } from '../../fixtures/engine.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';

describe('GET /engines and /server', () => {
  let web: TestWeb;
  let admin: string;

  before(async () => {
    const { socket } = await sharedEngine();
    const terms = { memoryBytes: 1e9, cpus: 1.5, network: 'none' };
    const disk = { highBytes: 9, lowBytes: 8 };
    web = await openTestWeb({
      settings: { limits: { attempts: 1 } },
      engines: [
        listedEngine('here', socket, { labels: { rack: 'b7' }, terms, dedicated: true, disk }),
        awayEngine('away'),
      ],
    });
    admin = (await web.makeKey({ project: null, scopes: ['stats:read', 'admin', 'jobs:trigger'] })).text;
    await waitFor('both engines to be asked', () =>
      web.room.engines.seats().every(({ state }) => state !== 'unknown'),
    );
  });
  after(() => web.close());

  async function ask(method: string, path: string, options: Ask = {}): Promise<Answer> {
    const answer = await web.ask(method, path, { key: admin, ...options });
    checkAnswer(method, path, answer.status, answer.text);
    return answer;
  }

  it('says how each engine is, and what its builds get', async () => {
    const { text } = await ask('GET', '/engines');
    const [here, away] = JSON.parse(text) as [Record<string, unknown>, Record<string, unknown>];
    expect(here).to.deep.include({
      name: 'here',
      state: 'ok',
      wish: 'on',
      slots: 2,
      busy: 0,
      memory_bytes: 1e9,
      cpus: 1.5,
      network: 'none',
      dedicated: true,
      disk: { high_bytes: 9, low_bytes: 8 },
      breaker: { state: 'closed', failures: 0 },
    });
    expect(here['labels']).to.have.keys(['platform', 'rack']);
    expect(here['version']).to.match(/^\d+\.\d+/);
    expect(here['api_version']).to.match(/^1\.\d+$/);
    expect(Date.parse(String(here['last_contact_at']))).to.be.closeTo(Date.now(), 60_000);
    expect(away).to.include({ name: 'away', state: 'unreachable' });
    expect(away['problem']).to.match(/there is no socket/);
    expect(away).not.to.have.any.keys('last_contact_at', 'version');
    expect((await ask('GET', '/engines/here')).json).to.deep.equal(here);
  });

  it('warns of known holes once, in the log and in the list', async () => {
    const { warnings } = (await ask('GET', '/engines/here')).json as { warnings: string[] };
    await web.room.engines.check();
    for (const warning of warnings)
      expect(web.told.filter((line) => line.includes(JSON.stringify(warning)))).to.have.length(1);
  });

  it('pauses, drains and resumes an engine', async () => {
    const [seat] = web.room.engines.seats();
    for (const [verb, state] of [
      ['pause', 'paused'],
      ['drain', 'draining'],
    ]) {
      expect((await ask('POST', `/engines/here/${verb}`)).json).to.include({ state, wish: state });
      expect(web.room.engines.free()).to.equal(undefined);
    }
    expect((await ask('POST', '/engines/away/pause')).json).to.include({
      state: 'unreachable',
      wish: 'paused',
    });
    expect((await ask('POST', '/engines/here/resume')).json).to.include({ state: 'ok', wish: 'on' });
    expect(web.room.engines.free()).to.equal(seat);
    expect([...(await web.room.store.read.wishes()).engines]).to.deep.equal([['away', 'paused']]);
    await ask('POST', '/engines/away/resume');
  });

  it('leaves an engine alone that fails, until somebody resumes it', async () => {
    const [seat] = web.room.engines.seats();
    if (!seat) throw new Error('no seat');
    for (let i = 0; i < 3; i++) web.room.engines.judge(seat, 'failed');
    const { breaker } = (await ask('GET', '/engines/here')).json as { breaker: Record<string, unknown> };
    expect(breaker).to.include({ state: 'open', failures: 3 }).and.to.have.property('open_until');
    expect(web.room.engines.free()).to.equal(undefined);
    expect(web.told.filter((line) => line.includes('left alone for a while'))).to.have.length(1);
    expect((await ask('POST', '/engines/here/resume')).json).to.deep.include({
      breaker: { state: 'closed', failures: 0 },
    });
    expect(web.room.engines.free()).to.equal(seat);
  });

  it('knows no other engine, and no other way to ask', async () => {
    for (const path of ['/engines/nobody', '/engines/%2e%2e', '/engines/here%00'])
      expect((await ask('GET', path)).status, path).to.equal(404);
    expect((await ask('POST', '/engines/nobody/pause')).status).to.equal(404);
    expect((await ask('POST', '/engines/here/stop')).status).to.equal(404);
    expect((await ask('PUT', '/server/pause')).status).to.equal(405);
    for (const wait of ['x', '-1', '61', '1.5', '', '1e1', '99999999999'])
      expect((await ask('GET', `/server?wait=${wait}`)).status, wait).to.equal(400);
  });

  it('is for keys of all projects', async () => {
    const { text: key } = await web.makeKey({ scopes: ['*', 'admin'] });
    for (const path of ['/engines', '/engines/here', '/server'])
      expect((await ask('GET', path, { key })).status, path).to.equal(404);
    expect((await ask('POST', '/server/pause', { key })).status).to.equal(404);
    const { text: reader } = await web.makeKey({ project: null, scopes: ['stats:read'] });
    expect((await ask('GET', '/server', { key: reader })).status).to.equal(200);
    expect((await ask('POST', '/server/pause', { key: reader })).status).to.equal(403);
    expect((await ask('GET', '/server')).json).to.include({ state: 'on' });
  });

  it('holds the whole server back: what is asked for is taken and waits', async () => {
    expect((await ask('GET', '/server?wait=1')).json).to.deep.equal({
      state: 'on',
      busy: 0,
      waiting: 0,
      idle: true,
    });
    expect((await ask('POST', '/server/drain')).json).to.include({ state: 'draining', idle: true });
    const job = { account: 'acme', repo: 'site', ref: 'main' };
    expect((await web.ask('POST', '/jobs', { key: admin, body: job })).status).to.equal(202);
    expect((await ask('GET', '/server?wait=1')).json).to.deep.equal({
      state: 'draining',
      busy: 0,
      waiting: 1,
      idle: true,
    });
    expect((await ask('POST', '/server/pause')).json).to.include({ state: 'paused', waiting: 1 });
    // Nothing listens where the repositories are: the run ends by itself once it may begin.
    await ask('POST', '/server/resume');
    const { json } = await ask('GET', '/server?wait=30');
    expect(json).to.include({ state: 'on', busy: 0 });
  });
});
