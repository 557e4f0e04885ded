import { expect } from 'chai';
import { migrations } from '../../../server/store/migrations/list.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { writeLock } from '../../../server/store/postgresWriter.ts';
import { cautious, emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { refusal } from './refusal.ts';
import { addRun } from './temporaryStore.ts';

const asOurs = "SET application_name = 'docker-builder'";

describe('opening a store on PostgreSQL', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await emptyDatabase();
  });
  afterEach(() => database?.drop());

  const opened = async (url = database.url) => (await openPostgresStore(url)).close();

  it('makes it where there is none, and finds it again with the same id', async () => {
    const first = await openPostgresStore(database.url);
    const run = await first.write((tx) => addRun(tx));
    await first.close();
    const second = await openPostgresStore(database.url);
    expect(second.id).to.equal(first.id);
    expect(await second.read.run(run.id)).to.deep.equal(run);
    await second.close();
  });

  it('makes it once, however many open it at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => openPostgresStore(database.url)));
    expect(new Set(stores.map(({ id }) => id)).size).to.equal(1);
    expect(await database.script('SELECT number FROM migrations')).to.have.length(migrations.length);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('is refused where a newer program wrote it, and leaves it as it is', async () => {
    await opened();
    await database.script('INSERT INTO migrations (number, applied_at) VALUES (1000, 0)');
    const newer = `the store has schema 1000, this docker-builder knows ${migrations.length}`;
    expect(await refusal(opened())).to.include(newer);
    await database.script('DELETE FROM migrations WHERE number = 1000');
    expect(await refusal(opened())).to.equal('done');
  });

  it('is refused with a sentence where the user may not make tables, and never says the password', async () => {
    const cluster = await sharedPostgres();
    await cluster.script(`CREATE ROLE ${cautious} LOGIN PASSWORD 'hush'`);
    const said = await refusal(opened(cluster.urlOf(database.name, cautious, 'hush')));
    expect(said).to.match(
      /permission denied for schema public; let this user .*GRANT CREATE ON SCHEMA public/,
    );
    const wrong = await refusal(opened(cluster.urlOf(database.name, cautious, 'hush-hush')));
    expect(wrong).to.match(
      /password authentication failed for user "cautious"; give the right user and password$/,
    );
    expect(said + wrong).to.not.include('hush');
    await cluster.script(`DROP ROLE ${cautious}`);
  });

  it('is refused with a sentence where the address is none', async () => {
    expect(await refusal(opened('postgres://h/d?schema=x'))).to.match(
      /^the address of the database may have sslmode/,
    );
  });

  it('does not wait for one who keeps all others from writing and stands still', async () => {
    await database.script(`${asOurs}; BEGIN; SELECT pg_advisory_xact_lock(${writeLock})`);
    expect(await refusal(opened())).to.equal('done');
    await database.rest();
  });

  it('does not wait with a step of the schema for one who stands still in the middle of a statement', async () => {
    await (await openPostgresStore(database.url)).close();
    await opened();
    await database.script(`${asOurs}; BEGIN; LOCK TABLE members IN ROW EXCLUSIVE MODE`);
    const step = { both: [], postgres: ['ALTER TABLE members ADD COLUMN more INTEGER'] };
    const store = await openPostgresStore(database.url, { steps: [...migrations, step] });
    await store.close();
    await database.rest();
  });

  it('ends all of its connections at the close, and refuses what comes later', async () => {
    const store = await openPostgresStore(database.url);
    await Promise.all(Array.from({ length: 4 }, () => store.read.ping()));
    const late = store.write((tx) => addRun(tx));
    await store.close();
    expect(await late).to.include({ state: 'queued' });
    const others = await database.script(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'docker-builder'",
    );
    expect(others).to.have.length(0);
    expect(await refusal(store.write((tx) => addRun(tx)))).to.equal(
      'the store is closed: nothing can be written any more',
    );
  });
});
