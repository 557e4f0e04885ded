import { expect } from 'chai';
import { createReaders, type ReaderOptions } from '../../../server/store/postgresReaders.ts';
import { openSession, type Session } from '../../../server/store/postgresSession.ts';
import { pooledSql } from '../../../server/store/postgresSql.ts';
import type { Sql, SqlValue } from '../../../server/store/sql.ts';
import { readPostgresUrl } from '../../../server/words/postgresUrl.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { foreignStatement } from './foreignStatement.ts';
import { refusal } from './refusal.ts';

const me = foreignStatement('SELECT pg_backend_pid() AS pid');
const rest = foreignStatement('SELECT pg_sleep(0.05) AS rested, pg_backend_pid() AS pid');
const sleep = foreignStatement('SELECT pg_sleep(5) AS rested');
const die = foreignStatement('SELECT pg_terminate_backend(pg_backend_pid()) AS died');
const count = foreignStatement('SELECT COUNT(*) AS n, SUM(big) AS sum FROM things');
const insert = foreignStatement('INSERT INTO things (name, big) VALUES ($1, $2)');
const things = foreignStatement(
  'SELECT name, big, big > 5 AS more, NULL AS nothing FROM things ORDER BY big',
);
const broken = foreignStatement('SELECT name FROM nothing_like_it');

describe('the readers of PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Session[];
  let closing: (() => Promise<void>)[];

  before(async () => {
    database = await emptyDatabase();
    await database.script('CREATE TABLE things (name TEXT NOT NULL, big BIGINT NOT NULL)');
  });
  beforeEach(async () => {
    opened = [];
    closing = [];
    await database.script('DELETE FROM things');
  });
  afterEach(() => Promise.all(closing.map((close) => close())));
  after(() => database?.drop());

  function open({ max, deadlineMs }: ReaderOptions = { max: 3, deadlineMs: 5000 }): Sql {
    const address = readPostgresUrl(database.url);
    if ('problem' in address) throw new Error(address.problem);
    const readers = createReaders(
      async () => {
        const session = await openSession(address, { connectMs: 5000, settings: {} });
        opened.push(session);
        return session;
      },
      { max, deadlineMs },
    );
    closing.push(readers.close);
    return pooledSql(readers.borrow);
  }

  const add = (name: SqlValue, big: SqlValue) => `INSERT INTO things VALUES ('${name}', ${big})`;

  it('are made as they are needed, never more than the most, and used again', async () => {
    const sql = open();
    await sql.all(me, []);
    expect(opened).to.have.length(1);
    const pids = (await Promise.all(Array.from({ length: 9 }, () => sql.get(rest, [])))).map(
      (row) => row?.['pid'],
    );
    expect(opened).to.have.length(3);
    expect(new Set(pids).size).to.equal(3);
    await Promise.all(Array.from({ length: 20 }, () => sql.all(me, [])));
    expect(opened).to.have.length(3);
  });

  it('take the place of one that was cut', async () => {
    const sql = open({ max: 1, deadlineMs: 5000 });
    const [cut, next] = [refusal(sql.all(die, [])), sql.all(me, [])];
    expect(await cut).to.match(/^PostgreSQL at .* closed the connection$/);
    expect(await next).to.have.length(1);
    expect(opened).to.have.length(2);
  });

  it('ask once more where one that was kept turns out to be gone', async () => {
    const sql = open({ max: 1, deadlineMs: 5000 });
    const row = await sql.get(me, []);
    const asked = sql.all(rest, []);
    await database.script(`SELECT pg_terminate_backend(${String(row?.['pid'])})`);
    expect(await asked).to.have.length(1);
    expect(opened).to.have.length(2);
  });

  it('are given up where they do not answer in time', async () => {
    const sql = open({ max: 1, deadlineMs: 50 });
    await sql.all(me, []);
    const [late, next] = [refusal(sql.all(sleep, [])), sql.all(me, [])];
    expect(await late).to.equal('PostgreSQL did not answer a question within 50 ms');
    expect(await next).to.have.length(1);
  });

  it('go on after a statement that failed', async () => {
    const sql = open({ max: 1, deadlineMs: 5000 });
    expect(await refusal(sql.all(broken, []))).to.equal('relation "nothing_like_it" does not exist');
    expect(await refusal(sql.together((one) => one.all(broken, [])))).to.equal(
      'relation "nothing_like_it" does not exist',
    );
    expect(await sql.together((one) => one.all(me, []))).to.have.length(1);
    expect(opened).to.have.length(1);
  });

  it('answer from one state what is asked together', async () => {
    const sql = open();
    const seen = await sql.together(async (one) => {
      const first = await one.get(count, []);
      await database.script(add('new', 1));
      return [first, await one.get(count, []), await sql.get(count, [])];
    });
    expect(seen.map((row) => row?.['n'])).to.deep.equal([0, 0, 1]);
  });

  it('give rows as SQLite does', async () => {
    const sql = open();
    const big = 2 ** 53 - 1;
    expect(await sql.run(insert, ['{"a": 1}', big])).to.equal(1);
    expect(await sql.run(insert, ['with a \0 in it', 5])).to.equal(1);
    expect(await sql.all(things, [])).to.deep.equal([
      { name: 'with a \ufffd in it', big: 5, more: 0, nothing: null },
      { name: '{"a": 1}', big, more: 1, nothing: null },
    ]);
    await database.script(`DELETE FROM things WHERE big > 5; ${add('other', 7)}`);
    expect(await sql.get(count, [])).to.deep.equal({ n: 2, sum: 12 });
    expect(await sql.get(broken, []).catch(() => undefined)).to.equal(undefined);
  });
});
