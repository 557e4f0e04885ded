import { expect } from 'chai';
import { type Cluster, startCluster } from '../../fixtures/cluster/cluster.ts';
import { startMember } from '../../fixtures/cluster/member.ts';
import { sh } from '../../fixtures/cluster/work.ts';
import { startEngine } from '../../fixtures/engine.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { getJob } from '../../fixtures/jobs.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { adminToken, type Answer, openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';

type Json = Record<string, unknown>;

const secretKey = '3'.repeat(64);

describe('/workers of a server that has its store for itself', () => {
  let web: TestWeb;
  before(async () => {
    web = await openTestWeb({
      env: { TOKEN: adminToken, NAME: 'only', LABELS: 'rack=b7', ALLOW_PRIVATE: '1' },
    });
  });
  after(() => web.close());

  async function ask(method: string, path: string): Promise<Answer> {
    const answer = await web.ask(method, path, { key: adminToken });
    checkAnswer(method, path, answer.status, answer.text);
    return answer;
  }

  it('shows that one', async () => {
    const { json } = await ask('GET', '/workers/only');
    expect(json).to.deep.include({ name: 'only', role: 'all', state: 'ok', wish: 'on', pid: process.pid });
    expect(json).to.deep.include({ labels: { rack: 'b7' }, running: 0, idle: true, engines: [] });
    const answer = await ask('GET', '/workers');
    const [shown, ...others] = JSON.parse(answer.text) as Json[];
    expect({ ...shown, last_seen_at: '' }).to.deep.equal({ ...json, last_seen_at: '' });
    expect(others).to.deep.equal([]);
    expect((await ask('GET', '/workers/other')).status).to.equal(404);
    expect((await ask('POST', '/workers/other/drain')).status).to.equal(404);
    expect((await ask('GET', '/workers/only?wait=61')).status).to.equal(400);
  });

  it('lets it begin nothing while it is held back', async () => {
    const { job } = await httpJob(web);
    for (const [verb, state] of [
      ['pause', 'paused'],
      ['drain', 'draining'],
    ]) {
      expect((await ask('POST', `/workers/only/${verb}`)).json).to.include({
        state,
        wish: state,
        idle: true,
      });
      const id = await trigger(web, job);
      // A claim that may begin would have been made in the same turn.
      web.room.wake();
      expect(await web.room.store.read.run(id)).to.include({ state: 'queued' });
    }
    expect((await ask('POST', '/workers/only/resume')).json).to.include({ state: 'ok', wish: 'on' });
    await waitFor(
      'both to begin',
      async () => (await web.room.store.read.countRuns({ states: ['queued'] })) === 0,
    );
  });
});

describe('/workers of a cluster', () => {
  let cluster: Cluster;
  let gate: Gate;
  before(async () => {
    const env = { DOCKER_BUILDER_LABELS: 'rack=b7', DOCKER_BUILDER_SECRETKEY: secretKey };
    cluster = await startCluster({ servers: 1, workers: 1, env });
    gate = await openGate(cluster.engine(0));
  });
  after(async () => {
    await gate?.close();
    await cluster?.close();
  });

  async function ask(method: string, path: string): Promise<Json> {
    const answer = await cluster.server(0).request(path, { method });
    const text = await answer.text();
    checkAnswer(method, path, answer.status, text);
    return JSON.parse(text) as Json;
  }
  const engine = () => ask('GET', '/engines/worker-0');
  const isOk = () =>
    waitFor('the engine to be known as well', async () => (await engine())['state'] === 'ok');
  const isQueued = async (id: string) => (await getJob(cluster.server(0), id)).status === 'created';

  it('shows the engine of the worker on the server, with the labels of both', async () => {
    await isOk();
    const shown = await engine();
    expect(shown).to.include({ name: 'worker-0', worker: 'worker-0', wish: 'on' });
    expect(shown['labels']).to.include({ rack: 'b7' }).and.have.property('platform');
    const ready = await cluster.server(0).request('/readyz');
    expect(await ready.json()).to.deep.equal({ store: 'ok', engines: { 'worker-0': 'ok' } });
    const status = await cluster.server(0).request('/v3/status/');
    const { resources } = (await status.json()) as { resources: { total: { cpus: number } } };
    expect(resources.total.cpus).to.be.greaterThan(0);
  });

  it('drains the worker: it finishes what it has and takes nothing, also after a restart', async () => {
    await cluster.job('gated', { container: sh(`echo begun; ${gate.pass('drain')}`) });
    const first = await cluster.trigger('gated');
    await waitFor('it to begin', () => gate.reached('drain'));
    expect(await ask('POST', '/workers/worker-0/drain')).to.include({ state: 'draining' });
    expect(await ask('GET', '/workers/worker-0?wait=0')).to.include({ idle: false });
    expect(await engine()).to.include({ state: 'draining', wish: 'on' });
    await cluster.job('quick', { container: sh('echo quick') });
    const second = await cluster.trigger('quick');
    gate.open('drain');
    expect(await ask('GET', '/workers/worker-0?wait=30')).to.include({ idle: true, running: 0 });
    await cluster.untilEnded([first]);
    expect(await isQueued(second)).to.equal(true);
    await cluster.worker(0).stop('SIGTERM');
    await cluster.worker(0).start();
    await isOkButHeld();
    expect(await isQueued(second)).to.equal(true);
    expect(await ask('POST', '/workers/worker-0/resume')).to.include({ wish: 'on' });
    await cluster.untilEnded([second]);
  });

  /** Greeted, and free: it would take what waits. */
  async function isOkButHeld(): Promise<void> {
    await waitFor('the engine to answer again', async () => {
      const ready = await cluster.worker(0).request('/readyz');
      return ready.ok && (await ask('GET', '/workers/worker-0'))['idle'] === true;
    });
  }

  it('keeps a worker from an engine whose name is that of another engine', async () => {
    const other = await startEngine();
    const settings = { engines: [{ name: 'worker-0', address: other.host }] };
    const env = { DOCKER_BUILDER_DATABASE: cluster.postgres.url, DOCKER_BUILDER_SECRETKEY: secretKey };
    const late = await startMember({ name: 'late', role: 'worker', env, settings, alive: '/livez' });
    try {
      const refused = await waitFor('it to be refused', async () => {
        const answer = await cluster.server(0).request('/engines');
        const all = (await answer.json()) as Json[];
        return all.find(({ worker, problem }) => worker === 'late' && problem !== undefined);
      });
      expect(refused).to.include({ name: 'worker-0', state: 'unreachable' });
      expect(refused['problem']).to.match(
        /^worker-0 calls another engine worker-0: give this one another name/,
      );
      expect((await late.request('/readyz')).status).to.equal(503);
      // By name, whichever server is asked.
      const all = (await ask('GET', '/workers')) as unknown as Json[];
      expect(all.map(({ name }) => name)).to.deep.equal(['late', 'server-0', 'worker-0']);
      expect(await engine()).to.include({ worker: 'worker-0', state: 'ok' });
    } finally {
      await late.close();
      await other.close();
    }
  });

  it('pauses the engine of another process, and lets it go on with its failures forgotten', async () => {
    await isOk();
    await ask('POST', '/engines/worker-0/pause');
    const id = await cluster.trigger('quick');
    expect(await engine()).to.include({ state: 'paused', wish: 'paused' });
    expect(await isQueued(id)).to.equal(true);
    await ask('POST', '/engines/worker-0/resume');
    await cluster.untilEnded([id]);
    const [run] = await cluster.postgres.script(`SELECT state FROM runs WHERE id = '${id}'`);
    expect(run).to.deep.equal({ state: 'completed' });
  });
});

async function httpJob(web: TestWeb): Promise<{ job: string }> {
  const body = {
    project_id: 'acme',
    name: 'call',
    slug: 'call',
    endpoint_url: 'http://127.0.0.1:9/',
    max_attempts: 1,
  };
  const answer = await web.ask('POST', '/v1/jobs', { key: adminToken, body });
  if (answer.status !== 201) throw new Error(answer.text);
  return { job: String(answer.json['id']) };
}

async function trigger(web: TestWeb, job: string): Promise<string> {
  const answer = await web.ask('POST', `/v1/jobs/${job}/trigger`, { key: adminToken, body: {} });
  if (answer.status >= 300) throw new Error(answer.text);
  return String(answer.json['id']);
}
