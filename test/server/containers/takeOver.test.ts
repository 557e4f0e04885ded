import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type ContainerWorld, openContainerWorld, sh } from './containerWorld.ts';

const count = (to: number, secs: number) =>
  `i=0; while [ $i -lt ${to} ]; do i=$((i+1)); echo "n $i"; sleep ${secs}; done`;

const untilTold = 'while [ ! -e /over ]; do sleep 0.05; done';
const timeoutSecs = 5;

const endless = { ...sh(count(10_000, 0.1)), stop_grace_secs: 1 };

async function expectNumbers(world: ContainerWorld, id: string, to: number): Promise<void> {
  const numbers = (await world.log(id)).filter((line) => line.startsWith('n '));
  expect(numbers).to.deep.equal(Array.from({ length: to }, (_, index) => `n ${index + 1}`));
}

describe('a container whose server stops', () => {
  let world: ContainerWorld;
  before(async () => {
    world = await openContainerWorld({ env: { DOCKER_BUILDER_LEASE: '2' } });
  });
  after(() => world.close());
  afterEach(() => world.nothingLeft());

  it('goes on, and is taken over by the next start as the same attempt', async () => {
    const id = await world.start(sh(count(20, 0.1)));
    await world.printed(id, /^n 3$/);
    await world.server.stop('SIGTERM');
    expect(await world.containers()).to.have.length(1);
    await world.server.restart();
    expect(await world.run(id)).to.include({ status: 'executing', attempt: 1 });
    expect(await world.ended(id)).to.include({ status: 'completed', attempt: 1 });
    await expectNumbers(world, id, 20);
    expect(await world.attempts(id)).to.have.length(1);
    const log = await world.log(id);
    expect(log.filter((line) => line.startsWith('attempt 1'))).to.deep.equal([
      log[0],
      'attempt 1 is let go of, its container runs on: the server is shutting down',
      'attempt 1 is taken over on engine default',
    ]);
  });

  it('is given up after the lease where its engine is not there any more', async () => {
    const id = await world.start(endless, { max_attempts: 1 });
    await world.printed(id, /^n 1$/);
    await world.server.restart({ DOCKER_HOST: 'unix:///nowhere.sock' });
    expect(await world.ended(id)).to.include({ status: 'crashed', attempt: 1 });
    await world.server.restart();
  });
});

describe('a container that nobody looked after for a while', () => {
  let world: ContainerWorld;
  let ended: string;
  let gone: string;
  let late: string;
  let running: string;

  before(async () => {
    world = await openContainerWorld({ env: { DOCKER_BUILDER_CONCURRENCY: '4' } });
    [ended, gone, late, running] = await Promise.all([
      world.start(sh(`${count(5, 0.02)}; ${untilTold}; echo told; exit 7`), { timeout_secs: timeoutSecs }),
      world.start(sh(`echo n 1; [ $BARBEQUE_RETRY_COUNT = 1 ] || ${untilTold}`)),
      world.start(endless, { timeout_secs: timeoutSecs }),
      world.start(endless),
    ]);
    await Promise.all([ended, gone, late, running].map((id) => world.printed(id, /^n 1$/)));
    const names = await Promise.all([ended, gone].map((id) => nameOf(id)));
    await world.server.stop('SIGKILL');
    await world.engine.docker('exec', names[0] ?? '', 'touch', '/over');
    await world.engine.docker('wait', names[0] ?? '');
    await world.engine.docker('rm', '--force', names[1] ?? '');
    await pause(timeoutSecs * 1000);
    await world.server.restart();
  });
  after(() => world.close());

  async function nameOf(id: string): Promise<string> {
    for (const name of await world.containers()) {
      const env = await world.engine.docker('inspect', '--format', '{{json .Config.Env}}', name);
      if (env.includes(`BARBEQUE_MESSAGE_ID=${id}`)) return name;
    }
    throw new Error(`run ${id} has no container`);
  }

  it('ends as it did where it has ended in its time', async () => {
    expect(await world.ended(ended)).to.include({ status: 'dead_letter', attempt: 1 });
    expect((await world.attempts(ended))[0]).to.include({ reason: 'command_failed', exit_code: 7 });
    await expectNumbers(world, ended, 5);
    expect(await world.log(ended)).to.include('told');
  });

  it('is tried again where it is gone', async () => {
    expect(await world.ended(gone)).to.include({ status: 'completed', attempt: 2 });
    const attempts = await world.attempts(gone);
    expect(attempts.map(({ state }) => state)).to.deep.equal(['lost', 'succeeded']);
    expect(await world.log(gone)).to.include('lost: its container is gone from the engine default');
  });

  it('is stopped as soon as somebody is there where its time is over', async () => {
    expect(await world.ended(late)).to.include({ status: 'timed_out', attempt: 1 });
  });

  it('can be canceled by whoever took it over, and then nothing is left', async () => {
    await world.cancel(running);
    expect(await world.ended(running)).to.include({ status: 'canceled', attempt: 1 });
    await Promise.all([ended, gone, late].map((id) => world.ended(id)));
    await world.nothingLeft();
  });
});
