import { expect } from 'chai';
import { startEndpoint } from '../../fixtures/cluster/endpoint.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type ContainerWorld, openContainerWorld, sh } from './containerWorld.ts';

const script = 'echo begun; while [ ! -e /over ]; do sleep 0.05; done; echo over';

describe('two servers on one PostgreSQL and one engine', () => {
  let database: TestDatabase;
  let holder: ContainerWorld;
  let heir: ContainerWorld;
  before(async () => {
    database = await emptyDatabase();
  });
  afterEach(async () => {
    await holder?.close();
    await heir?.close();
  });
  after(() => database?.drop());

  // A container is removed where its lease cannot be renewed in time: a busy machine may take a while.
  const open = (lease = 6) =>
    openContainerWorld({
      env: {
        DOCKER_BUILDER_DATABASE: database.url,
        DOCKER_BUILDER_LEASE: String(lease),
        DOCKER_BUILDER_ALLOW_PRIVATE: '1',
        DOCKER_BUILDER_SECRETKEY: '0'.repeat(64),
      },
    });

  /** A run that has begun on one, before there was another. */
  async function begin(): Promise<string> {
    holder = await open();
    const id = await holder.start(sh(script));
    await holder.printed(id, /^begun$/);
    heir = await open();
    return id;
  }

  const takenOver = () =>
    waitFor('it to be taken over', () =>
      heir.server.output().includes('the container of an attempt is taken over'),
    );

  async function end(): Promise<void> {
    const [container = ''] = await holder.containers();
    await heir.engine.docker('exec', container, 'touch', '/over');
  }

  it('give the container of one that is frozen to the other, and only that one ends its attempt', async () => {
    const id = await begin();
    holder.server.process.kill('SIGSTOP');
    await takenOver();
    holder.server.process.kill('SIGCONT');
    await waitFor('it to be let go of', () => holder.server.output().includes('a container is let go of'));
    await end();
    expect(await heir.ended(id)).to.include({ status: 'completed', attempt: 1 });
    const attempts = await heir.attempts(id);
    expect(attempts.map(({ state }) => state)).to.deep.equal(['succeeded']);
    expect(await heir.log(id)).to.include.members(['begun', 'over', 'completed']);
    // What the first still said after it had lost it is in no log.
    expect((await holder.log(id)).filter((line) => /^(begun|over)$/.test(line))).to.deep.equal([
      'begun',
      'over',
    ]);
    await holder.nothingLeft();
  });

  it('wait for no lease of one that was killed, where the next one beside it sees that', async () => {
    holder = await open(600);
    heir = holder;
    const id = await holder.start(sh(script));
    await holder.printed(id, /^begun$/);
    const endpoint = await startEndpoint('127.0.0.1');
    const job = { project_id: 'acme', slug: 'call', name: 'call', endpoint_url: endpoint.url };
    const made = await holder.server.request('/v1/jobs', { method: 'POST', body: JSON.stringify(job) });
    const call = await holder.trigger(((await made.json()) as { id: string }).id, {
      payload: { ms: 5000 },
    });
    const states = async () => (await heir.attempts(call)).map(({ state }) => state).join(' ');
    await waitFor('the call to begin', async () => (await states()) === 'running');
    await holder.server.restart();
    await takenOver();
    await end();
    expect(await heir.ended(id)).to.include({ status: 'completed', attempt: 1 });
    await waitFor('the call to go again', async () => /^lost (running|succeeded)$/.test(await states()));
    await heir.ended(call);
    await endpoint.close();
  });

  it('take over at once what one lets go of that stops', async () => {
    const id = await begin();
    await holder.server.stop('SIGTERM');
    await takenOver();
    await end();
    expect(await heir.ended(id)).to.include({ status: 'completed', attempt: 1 });
    await holder.nothingLeft();
  });
});
