import { expect } from 'chai';
import { emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type ContainerWorld, openContainerWorld, sh } from '../containers/containerWorld.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';

/** A quarter of it is there for the removal, which a busy machine may need. */
const leaseSecs = 8;
const script = 'echo begun; while [ ! -e /over ]; do sleep 0.05; done; echo over';

describe('the container of a worker that has not its lease any more', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  /** Its connections to the database go through the proxy. */
  let holder: ContainerWorld;
  let heir: ContainerWorld;
  beforeEach(async () => {
    database = await emptyDatabase();
    const { folder } = await sharedPostgres();
    proxy = await startCuttingProxy(`${folder}/.s.PGSQL.5432`);
    holder = await open(`postgres://postgres@127.0.0.1:${proxy.port}/${database.name}?sslmode=disable`);
  });
  afterEach(async () => {
    proxy?.thaw();
    await holder?.close();
    await heir?.close();
    await proxy?.close();
    await database?.drop();
  });

  const open = (place: string) =>
    openContainerWorld({
      env: {
        DOCKER_BUILDER_DATABASE: place,
        DOCKER_BUILDER_LEASE: String(leaseSecs),
        DOCKER_BUILDER_SECRETKEY: '0'.repeat(64),
      },
    });

  const attempts = () => database.script('SELECT state, lease_id FROM attempts ORDER BY number');
  const letGo = () =>
    waitFor('it to be let go of', () => /a container is let go of[^\n]*/.exec(holder.server.output())?.[0]);

  async function begin(): Promise<{ id: string; container: string }> {
    const id = await holder.start(sh(script));
    await holder.printed(id, /^begun$/);
    const [container = ''] = await holder.containers();
    expect(container).not.to.equal('');
    return { id, container };
  }

  async function end(id: string): Promise<void> {
    const container = await waitFor('a container', async () => (await holder.containers())[0]);
    await heir.printed(id, /^begun$/);
    await heir.engine.docker('exec', container, 'touch', '/over');
    expect(await heir.ended(id)).to.include({ status: 'completed' });
  }

  it('is removed where it is cut off from the database, while nobody else can have the attempt', async () => {
    const { id, container } = await begin();
    heir = await open(database.url);
    const [before] = await attempts();
    proxy.freeze();
    await waitFor('it to be removed', async () => !(await holder.containers()).includes(container));
    expect(await attempts()).to.deep.equal([before]);
    expect(await letGo()).to.include('it was removed');
    await waitFor('another attempt', async () => (await attempts()).length === 2);
    await end(id);
    expect((await attempts()).map(({ state }) => state)).to.deep.equal(['lost', 'succeeded']);
    await holder.nothingLeft();
  });

  it('goes on where somebody else has taken the attempt', async () => {
    const { id, container } = await begin();
    await database.script("UPDATE attempts SET lease_id = '00000000-0000-7000-8000-000000000000'");
    expect(await letGo()).to.include('it runs on');
    expect(await holder.containers()).to.deep.equal([container]);
    heir = await open(database.url);
    await end(id);
    expect((await attempts()).map(({ state }) => state)).to.deep.equal(['succeeded']);
    await holder.nothingLeft();
  });
});
