import { expect } from 'chai';
import { readEnvironment } from '../../server/config/environment.ts';
import { createEngineList } from '../../server/engineList.ts';
import { submit } from '../../server/room/submit/submit.ts';
import { importBusybox } from '../fixtures/baseImage.ts';
import { sharedEngine } from '../fixtures/engine.ts';
import { type GitServer, startGitServer } from '../fixtures/gitServer.ts';
import { loseAttempt } from '../fixtures/lostLease.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { worldEnv } from '../fixtures/world.ts';
import { type HttpWorld, openHttpWorld } from './httpJobs/httpWorld.ts';

describe('a build whose lease was lost while it goes on', () => {
  let git: GitServer;
  let world: HttpWorld;

  before(async () => {
    const engine = await sharedEngine();
    await importBusybox(engine);
    git = await startGitServer();
    const env = worldEnv(engine, git);
    const engines = createEngineList(env, readEnvironment({ DOCKER_BUILDER_CONCURRENCY: '2' }));
    world = await openHttpWorld({ ...env, DOCKER_BUILDER_LEASE: '1' }, {}, (settings) => engines(settings));
  });
  after(async () => {
    await world.close();
    await git.close();
  });

  it('is built again, and the log has both attempts in order', async () => {
    const Dockerfile = 'FROM busybox\nRUN echo begun && sleep 0.6\n';
    await createRepository(git, 'acme/slow', { Dockerfile }, { branch: 'main' });
    const job = { project: 'acme', slug: 'slow' };
    const { run } = await submit(world.room, { job, ref: 'main', trigger: 'api' });
    await waitFor('the build', async () => (await world.log(run)).includes('\nbegun'));
    await loseAttempt(world.room, run);
    expect(await world.ended(run)).to.include({ state: 'completed', attempt: 2 });
    const lines = (await world.log(run)).split('\n');
    const attempts = lines.filter((line) => /^(attempt \d|begun|lost: |completed)/.test(line));
    expect(attempts.map((line) => line.split(/ of |: /)[0])).to.deep.equal([
      'attempt 1',
      'begun',
      'lost',
      'attempt 2',
      'begun',
      'completed',
    ]);
    const firstLines = (await world.room.store.read.attempts(run.id)).map(({ firstLine }) => firstLine);
    expect(firstLines).to.deep.equal([1, lines.findIndex((line) => line.startsWith('attempt 2')) + 1]);
    // Of the engine it is said what Debian's is known for.
    const ofAttempts = world.reports.filter((report) => report !== 'engine with a known hole');
    expect(ofAttempts).to.deep.equal(['came late: the attempt is no longer held']);
  });
});
