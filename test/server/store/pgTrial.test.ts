import { expect } from 'chai';
import { setTimeout as pause } from 'node:timers/promises';
import { createGroupCommit } from '../../../server/store/group.ts';
import { openSession, type Session } from '../../../server/store/postgresSession.ts';
import { onTrial } from '../../../server/store/postgresTrial.ts';
import { createPostgresWriter } from '../../../server/store/postgresWriter.ts';
import { StoreUnavailable } from '../../../server/words/storeUnavailable.ts';
import { emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { addressThrough, type CuttingProxy, startCuttingProxy } from './cuttingProxy.ts';
import { foreignStatement } from './foreignStatement.ts';
import { refusal } from './refusal.ts';

const insert = foreignStatement('INSERT INTO tried (name) VALUES ($1)');

describe('a connection of PostgreSQL that rested', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let sessions: Session[];
  before(async () => {
    database = await emptyDatabase();
    await database.script('CREATE TABLE tried (name TEXT)');
    proxy = await startCuttingProxy(`${(await sharedPostgres()).folder}/.s.PGSQL.5432`);
  });
  beforeEach(async () => {
    sessions = [];
    await database.script('DELETE FROM tried');
  });
  afterEach(() => {
    for (const session of sessions) session.break(new StoreUnavailable('the test is over'));
  });
  after(async () => {
    await proxy?.close();
    await database?.drop();
  });

  async function connect(): Promise<Session> {
    const address = addressThrough(proxy, database.name);
    const session = await openSession(address, { connectMs: 2000, settings: {} });
    sessions.push(session);
    return session;
  }

  /** As the writer does it: all but the commit is sent before anything is answered. */
  async function write(session: Session, name: string): Promise<string | undefined> {
    const sent = [session.command('BEGIN'), session.query(insert.text, [name])];
    await Promise.all(sent);
    return session.command('COMMIT');
  }

  const names = async () => (await database.script('SELECT name FROM tried')).map(({ name }) => name);

  it('is used where it answers, without a wait for that', async () => {
    const rested = await connect();
    const trial = onTrial(rested, 5000, connect);
    expect(await write(trial, 'one')).to.equal('COMMIT');
    expect(trial.current).to.equal(rested);
    expect(await names()).to.deep.equal(['one']);
  });

  for (const how of ['close', 'silence'] as const)
    it(`is replaced where it was cut (${how}), and all is asked again, in its order`, async () => {
      const rested = await connect();
      proxy.swallowAnswersTo('SELECT 1', how);
      const trial = onTrial(rested, 100, connect);
      expect(trial.isOpen).to.equal(true);
      expect(await write(trial, 'one')).to.equal('COMMIT');
      expect(trial.current).not.to.equal(rested);
      expect([rested.isOpen, trial.isOpen]).to.deep.equal([false, true]);
      expect(await write(trial, 'two')).to.equal('COMMIT');
      expect(await names()).to.deep.equal(['one', 'two']);
    });

  it('says why where there is no other', async () => {
    const rested = await connect();
    proxy.swallowAnswersTo('SELECT 1', 'close');
    const trial = onTrial(rested, 100, () => Promise.reject(new StoreUnavailable('nobody is there')));
    expect(await refusal(write(trial, 'one'))).to.equal('nobody is there');
    expect(trial.isOpen).to.equal(false);
  });

  it('may be given up meanwhile', async () => {
    const rested = await connect();
    proxy.swallowAnswersTo('SELECT 1', 'silence');
    const trial = onTrial(rested, 5000, connect);
    const refused = refusal(write(trial, 'one'));
    trial.break(new StoreUnavailable('too late'));
    expect(await refused).to.equal('too late');
    expect(trial.isOpen).to.equal(false);
    expect(sessions).to.deep.equal([rested]);
  });

  it('does not fail the work that finds it cut', async () => {
    const writer = createPostgresWriter(connect, 5000);
    const group = createGroupCommit(writer);
    const add = (name: string) => group.write(async (sql) => void (await sql.run(insert, [name])));
    try {
      await add('one');
      await pause(60);
      proxy.swallowAnswersTo('SELECT 1', 'close');
      await add('two');
      await pause(60);
      await add('three');
      expect(await names()).to.deep.equal(['one', 'two', 'three']);
      expect(sessions).to.have.length(2);
    } finally {
      await group.close();
      await writer.close();
    }
  });
});
