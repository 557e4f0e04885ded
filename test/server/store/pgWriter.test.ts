import { expect } from 'chai';
import { createGroupCommit, type GroupCommit } from '../../../server/store/group.ts';
import { openSession } from '../../../server/store/postgresSession.ts';
import { createPostgresWriter, type PostgresWriter } from '../../../server/store/postgresWriter.ts';
import { integer } from '../../../server/store/row.ts';
import type { Transaction } from '../../../server/store/sql.ts';
import { emptyDatabase, sharedPostgres, type TestDatabase } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { addressThrough, type CuttingProxy, startCuttingProxy } from './cuttingProxy.ts';
import { foreignStatement } from './foreignStatement.ts';
import { refusal } from './refusal.ts';

const insert = foreignStatement('INSERT INTO names (name) VALUES ($1)');
const count = foreignStatement('SELECT n FROM counter');
const setCount = foreignStatement('UPDATE counter SET n = $1');
const die = foreignStatement('SELECT pg_terminate_backend(pg_backend_pid()) AS died');
const rest = foreignStatement('SELECT pg_sleep(0.3) AS rested');

const add = (name: string) => async (sql: Transaction) => void (await sql.run(insert, [name]));

async function countUp(sql: Transaction): Promise<number> {
  const row = await sql.get(count, []);
  const next = row ? integer(row, 'n') + 1 : 0;
  await sql.run(setCount, [next]);
  return next;
}

interface Limits {
  deadlineMs?: number;
  statementMs?: number;
}

describe('the writer of PostgreSQL', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let writers: { writer: PostgresWriter; group: GroupCommit }[];

  before(async () => {
    database = await emptyDatabase();
    await database.script(
      'CREATE TABLE names (name TEXT); CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)',
    );
    const { folder } = await sharedPostgres();
    proxy = await startCuttingProxy(`${folder}/.s.PGSQL.5432`);
  });
  beforeEach(async () => {
    writers = [];
    await database.script('DELETE FROM names; UPDATE counter SET n = 0');
  });
  afterEach(async () => {
    for (const { group } of writers) await group.close();
    for (const { writer } of writers) await writer.close();
  });
  after(async () => {
    await proxy?.close();
    await database?.drop();
  });

  /** Through the proxy. */
  function open({ deadlineMs = 5000, statementMs = 5000 }: Limits = {}): GroupCommit {
    const address = addressThrough(proxy, database.name);
    const settings = { statement_timeout: String(statementMs) };
    const writer = createPostgresWriter(
      () => openSession(address, { connectMs: 2000, settings }),
      deadlineMs,
    );
    const group = createGroupCommit(writer);
    writers.push({ writer, group });
    return group;
  }

  const names = async () =>
    (await database.script('SELECT name FROM names ORDER BY name')).map(({ name }) => name);

  it('rejects all works of a group whose connection is cut, and goes on with the next on another', async () => {
    const group = open();
    const cut = async (sql: Transaction) => void (await sql.get(die, []));
    const works = [add('before'), cut, add('after')].map((work) => refusal(group.write(work)));
    const closed = `PostgreSQL at 127.0.0.1:${proxy.port} closed the connection`;
    expect(await Promise.all(works)).to.deep.equal([closed, closed, closed]);
    await group.write(add('later'));
    expect(await names()).to.deep.equal(['later']);
  });

  it('does not call a commit done whose answer was lost', async () => {
    const group = open();
    await group.write(add('first'));
    proxy.swallowAnswersTo('COMMIT\0', 'close');
    expect(await refusal(group.write(add('second')))).to.match(
      /closed the connection while it committed: nobody knows/,
    );
    await group.write(add('third'));
    await waitFor('the commit that nobody heard of', async () => (await names()).includes('second'));
    expect(await names()).to.deep.equal(['first', 'second', 'third']);
  });

  it('gives up a database that says nothing any more, and goes on', async () => {
    const group = open({ deadlineMs: 150 });
    await group.write(add('first'));
    proxy.swallowAnswersTo('lost', 'silence');
    expect(await refusal(group.write(add('lost')))).to.equal(
      'PostgreSQL did not finish a write within 150 ms',
    );
    await group.write(add('second'));
    expect(await names()).to.deep.equal(['first', 'second']);
  });

  it('lets others write before or after a group, and never meanwhile', async () => {
    const [one, other] = [open(), open()];
    const works = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? one : other).write(countUp));
    expect((await Promise.all(works)).toSorted((a, b) => a - b)).to.deep.equal(
      works.map((_, index) => index + 1),
    );
  });

  it('says why where others write for too long, and goes on', async () => {
    const [slow, hasty] = [open(), open({ statementMs: 100 })];
    await hasty.write(add('first'));
    const rested = slow.write(async (sql) => {
      await sql.get(rest, []);
      await countUp(sql);
    });
    await waitFor(
      'the lock',
      async () => (await database.script("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"))[0],
    );
    expect(await refusal(hasty.write(countUp))).to.equal(
      'PostgreSQL gave up a write: canceling statement due to statement timeout',
    );
    await rested;
    expect(await hasty.write(countUp)).to.equal(2);
  });

  it('rejects works while there is no database, and goes on when there is one', async () => {
    let port = 1;
    const writer = createPostgresWriter(
      () =>
        openSession(
          { host: '127.0.0.1', port, user: 'postgres', database: database.name },
          { connectMs: 2000, settings: {} },
        ),
      5000,
    );
    const group = createGroupCommit(writer);
    writers.push({ writer, group });
    expect(await refusal(group.write(add('early')))).to.equal(
      'PostgreSQL cannot be reached at 127.0.0.1:1: nobody listens there (ECONNREFUSED)',
    );
    port = proxy.port;
    await group.write(add('late'));
    expect(await names()).to.deep.equal(['late']);
  });
});
