import { expect } from 'chai';
import { readEnvironment } from '../../../server/config/environment.ts';
import { createEngineList } from '../../../server/engineList.ts';
import { every } from '../../../server/room/every.ts';
import { lookEveryMs } from '../../../server/room/leaseWatch.ts';
import { createReaper } from '../../../server/room/recover.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import type { Run } from '../../../server/words/run.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { type GitServer, startGitServer } from '../../fixtures/gitServer.ts';
import { emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { worldEnv } from '../../fixtures/world.ts';
import { type HttpWorld, openHttpWorld } from '../httpJobs/httpWorld.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';

const leaseSecs = 3;

describe('a build whose worker cannot reach the database', () => {
  let engine: TestEngine;
  let git: GitServer;
  let gate: Gate;
  let database: TestDatabase;
  let proxy: CuttingProxy;
  /** It builds, through the proxy; and one that looks for lost attempts, and has no engine. */
  let worker: HttpWorld;
  let server: HttpWorld;
  let stopReaping: () => void;

  before(async () => {
    engine = await sharedEngine();
    await importBusybox(engine);
    git = await startGitServer();
    gate = await openGate(engine);
    database = await emptyDatabase();
    const { folder } = await sharedPostgres();
    proxy = await startCuttingProxy(`${folder}/.s.PGSQL.5432`);
    const common = { DOCKER_BUILDER_LEASE: String(leaseSecs), DOCKER_BUILDER_SECRETKEY: '0'.repeat(64) };
    const env = {
      ...worldEnv(engine, git),
      ...common,
      DOCKER_BUILDER_DATABASE: `postgres://postgres@127.0.0.1:${proxy.port}/${database.name}?sslmode=disable`,
    };
    const engines = createEngineList(env, readEnvironment(env));
    worker = await openHttpWorld(env, {}, (settings) => engines(settings));
    server = await openHttpWorld({ ...common, DOCKER_BUILDER_DATABASE: database.url });
    const { store, report } = server.room;
    stopReaping = every(lookEveryMs(store, leaseSecs * 1000), 'reaping', report, createReaper(server.room));
  });
  afterEach(() => proxy.thaw());
  after(async () => {
    stopReaping?.();
    await worker?.close();
    await server?.close();
    await gate?.close();
    await proxy?.close();
    await git?.close();
    await database?.drop();
  });

  async function build(slug: string, script: string): Promise<Run> {
    await createRepository(
      git,
      `acme/${slug}`,
      { Dockerfile: `FROM busybox\nRUN ${script}\n` },
      { branch: 'main' },
    );
    const { run } = await submit(worker.room, {
      job: { project: 'acme', slug },
      ref: 'main',
      trigger: 'api',
    });
    return run;
  }

  const reached = (door: string) => waitFor(`the step to come to ${door}`, () => gate.reached(door));

  it('goes on, and its end and every line of its log are stored when it is back', async () => {
    const script = `echo begun && ${gate.pass('cut')} && for i in 1 2 3 4 5; do echo line $i; done && ${gate.pass('said')}`;
    const run = await build('held', script);
    await reached('cut');
    proxy.freeze();
    gate.open('cut');
    await reached('said');
    proxy.cut();
    gate.open('said');
    await waitFor('the step to end', async () => (await engine.docker('ps', '-q')) === '');
    proxy.thaw();
    expect(await worker.ended(run)).to.include({ state: 'completed', attempt: 1 });
    const lines = (await server.log(run))
      .split('\n')
      .filter((line) => /^(begun|line \d|completed)/.test(line));
    expect(lines.map((line) => line.replace(/:.*/, ''))).to.deep.equal([
      'begun',
      ...[1, 2, 3, 4, 5].map((n) => `line ${n}`),
      'completed',
    ]);
    expect(worker.reports.join('\n')).not.to.include('could not be finished');
  });

  it('has stopped, and left nothing that runs, before anybody can take its attempt', async () => {
    const run = await build('stopped', `echo begun && ${gate.pass('never')}`);
    await reached('never');
    const running = () => engine.docker('ps', '-q');
    expect(await running()).not.to.equal('');
    proxy.freeze();
    let taken = false;
    const lost = waitFor('the attempt to be taken', async () => {
      const [first] = await server.room.store.read.attempts(run.id);
      return (taken = first?.state === 'lost');
    });
    await waitFor('its work to stop', async () => (await running()) === '');
    expect(taken).to.equal(false);
    await lost;
    proxy.thaw();
    gate.open('never');
    expect(await worker.ended(run)).to.include({ state: 'completed', attempt: 2 });
    const attempts = await server.room.store.read.attempts(run.id);
    expect(attempts.map(({ state }) => state)).to.deep.equal(['lost', 'succeeded']);
  });
});
