import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { openSession } from '../../../server/store/postgresSession.ts';
import type { PostgresAddress } from '../../../server/words/postgresUrl.ts';
import { StoreUnavailable } from '../../../server/words/storeUnavailable.ts';
import { cautious, sharedPostgres, type TestPostgres } from '../../fixtures/postgres.ts';

describe('a connection to PostgreSQL', () => {
  let cluster: TestPostgres;
  let server: Server | undefined;

  before(async () => {
    cluster = await sharedPostgres();
    await cluster.script(`CREATE ROLE ${cautious} LOGIN PASSWORD 'the right one'`);
  });
  afterEach(() => server?.close());
  after(() => cluster?.script(`DROP ROLE ${cautious}`));

  const here = (parts: PostgresAddress = {}): PostgresAddress => ({
    host: cluster.folder,
    user: 'postgres',
    database: 'postgres',
    ...parts,
  });

  async function attempt(address: PostgresAddress, connectMs = 5000): Promise<string> {
    try {
      const session = await openSession(address, { connectMs, settings: {} });
      await session.close();
      return session.isOpen ? 'open' : 'closed';
    } catch (error) {
      expect(error).to.be.instanceOf(StoreUnavailable);
      return error instanceof Error ? error.message : '';
    }
  }

  /** Somebody who is no PostgreSQL, on a port of this machine. */
  async function stranger(treat: (socket: Socket) => void): Promise<PostgresAddress> {
    server = createServer((socket) => treat(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0, user: 'u' };
  }

  it('comes about, and ends', async () => {
    expect(await attempt(here())).to.equal('closed');
    expect(await attempt(here({ user: cautious, password: 'the right one' }))).to.equal('closed');
  });

  it('is told as what it is to the administrator of the database', async () => {
    const session = await openSession(here(), { connectMs: 5000, settings: { statement_timeout: '1234' } });
    const { rows } = await session.query(
      "SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS ms",
      [],
    );
    expect(rows).to.deep.equal([{ name: 'docker-builder', ms: '1234ms' }]);
    await session.close();
  });

  const refusals: [string, () => PostgresAddress | Promise<PostgresAddress>, RegExp][] = [
    [
      'with a wrong password, without saying it',
      () => here({ user: cautious, password: 'the wrong one' }),
      /^PostgreSQL at \S+:5432 says: password authentication failed for user "cautious"; give the right user and password$/,
    ],
    [
      'with an unknown user',
      () => here({ user: 'nobody' }),
      /role "nobody" does not exist; let this user in from here/,
    ],
    [
      'to a database that is not there',
      () => here({ database: 'elsewhere' }),
      /says: database "elsewhere" does not exist; create that database, or name another one$/,
    ],
    [
      'where there is no socket',
      () => here({ port: 5433 }),
      /cannot be reached at \S+:5433: there is no such socket \(ENOENT\)$/,
    ],
    [
      'where nobody listens',
      () => ({ host: '127.0.0.1', port: 1 }),
      /^PostgreSQL cannot be reached at 127\.0\.0\.1:1: nobody listens there/,
    ],
    [
      'to a name that is none',
      () => ({ host: 'nowhere.invalid' }),
      /cannot be reached at nowhere\.invalid:5432: its name /,
    ],
    ['to somebody who hangs up', () => stranger((socket) => socket.end()), /closed the connection/],
    [
      'to somebody who talks nonsense',
      () => stranger((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      /PostgreSQL .*127\.0\.0\.1/,
    ],
  ];
  for (const [title, address, expected] of refusals)
    it(`is refused ${title}`, async () => {
      const said = await attempt(await address());
      expect(said).to.match(expected);
      expect(said).to.not.include('wrong one');
    });

  it('is refused to a database that does not keep text as we do', async () => {
    await cluster.script(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    expect(await attempt(here({ database: 'latin' }))).to.match(
      /keeps text as LATIN1: make one with ENCODING 'UTF8'$/,
    );
    await cluster.script('DROP DATABASE latin');
  });

  it('is given up where nobody answers in time', async () => {
    const silent = await stranger((socket) => socket.resume());
    expect(await attempt(silent, 100)).to.match(
      /^PostgreSQL at 127\.0\.0\.1:\d+ did not answer within 100 ms$/,
    );
  });
});
