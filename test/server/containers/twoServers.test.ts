import { expect } from 'chai';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type ContainerWorld, openContainerWorld, sh } from './containerWorld.ts';

const script = 'echo begun; while [ ! -e /over ]; do sleep 0.05; done; echo over';

describe('two servers on one PostgreSQL and one engine', () => {
  let database: TestDatabase;
  let one: ContainerWorld;
  let other: ContainerWorld;
  before(async () => {
    database = await emptyDatabase();
    const env = { DOCKER_BUILDER_DATABASE: database.url, DOCKER_BUILDER_LEASE: '2' };
    one = await openContainerWorld({ env });
    other = await openContainerWorld({ env });
  });
  after(async () => {
    await one?.close();
    await other?.close();
    await database?.drop();
  });

  /** A run that has begun, who works on it, and who does not. */
  async function begin(): Promise<{ id: string; holder: ContainerWorld; heir: ContainerWorld }> {
    const id = await one.start(sh(script));
    const hasBegun = async (world: ContainerWorld) =>
      (await world.log(id).catch((): string[] => [])).includes('begun');
    await waitFor('it to begin', async () => (await hasBegun(one)) || (await hasBegun(other)));
    return (await hasBegun(one)) ? { id, holder: one, heir: other } : { id, holder: other, heir: one };
  }

  async function end(): Promise<void> {
    const [container = ''] = await one.containers();
    await one.engine.docker('exec', container, 'touch', '/over');
  }

  it('give the container of one that is frozen to the other, and only that one ends its attempt', async () => {
    const { id, holder, heir } = await begin();
    holder.server.process.kill('SIGSTOP');
    await heir.printed(id, /^begun$/);
    holder.server.process.kill('SIGCONT');
    await holder.printed(id, /is let go of/);
    await end();
    expect(await heir.ended(id)).to.include({ status: 'completed', attempt: 1 });
    const attempts = await heir.attempts(id);
    expect(attempts.map(({ state }) => state)).to.deep.equal(['succeeded']);
    expect(await heir.log(id)).to.include.members(['begun', 'over', 'completed']);
    expect(await holder.log(id))
      .to.include('begun')
      .and.not.include('over');
    await heir.nothingLeft();
  });

  it('take over at once what one lets go of that stops', async () => {
    const { id, holder, heir } = await begin();
    await holder.server.stop('SIGTERM');
    await heir.printed(id, /^begun$/);
    await end();
    expect(await heir.ended(id)).to.include({ status: 'completed', attempt: 1 });
    await heir.nothingLeft();
  });
});
