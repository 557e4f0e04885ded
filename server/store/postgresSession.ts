import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import type { PostgresAddress } from '../words/postgresUrl.ts';
import { StoreUnavailable } from '../words/storeUnavailable.ts';
import { closedBy, hostOf, placeOf, portOf, refusal } from './postgresErrors.ts';
import type { LooseValue } from './loose.ts';
import { integer, text } from './row.ts';
import type { Row } from './sql.ts';

export interface Answer {
  rows: Row[];
  /** Rows that were given or changed. */
  count: number;
}

/** One connection. What is asked is sent at once, without waiting for earlier answers, and answered in that order. */
export interface Session {
  /** False for ever once the connection is gone. */
  readonly isOpen: boolean;
  /** Prepared at its first use. */
  query(text: string, params: readonly LooseValue[]): Promise<Answer>;
  /** A command without parameters; gives what was done, e.g. `COMMIT`. Several may stand in one text, with ";" between. */
  command(text: string): Promise<string | undefined>;
  /** What `COPY … TO STDOUT` gives, as fast as it is read. Nothing else may be asked before its end. */
  copy(command: string): Promise<AsyncIterable<Buffer>>;
  /** Ends the connection now; whatever waits for an answer is rejected with `reason`. */
  break(reason: Error): void;
  /** Ends the connection when all is answered. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Parameters of the server for this connection alone, e.g. `statement_timeout`. */
  settings: Readonly<Record<string, string>>;
  connectMs: number;
  /** Called with what is told on a channel that the connection listens to. */
  hear?: (payload: string) => void;
  /** Called once, when the connection is gone. */
  lost?: () => void;
  /** Aborted when nobody waits for the connection any more. */
  signal?: AbortSignal;
}

/** Integers of all sizes as numbers; truth as SQLite gives it. JSON is kept as text. */
const types = {
  integer: { to: 20, from: [20, 1700], serialize: String, parse: Number },
  truth: { to: 16, from: [16], serialize: String, parse: (letter: string) => (letter === 't' ? 1 : 0) },
};

/**
 * Connects. The driver below is given one socket and never connects again by itself: a transaction that began on one
 * connection must not go on upon the next one.
 *
 * @throws StoreUnavailable with a sentence for a person
 */
export async function openSession(address: PostgresAddress, options: SessionOptions): Promise<Session> {
  const session = sessionTo(address, options);
  const leave = (): void => session.break(closedBy(address));
  options.signal?.addEventListener('abort', leave);
  if (options.signal?.aborted) leave();
  const giveUp = setTimeout(() => {
    const waited = `did not answer within ${options.connectMs} ms`;
    session.break(new StoreUnavailable(`PostgreSQL at ${placeOf(address)} ${waited}`));
  }, options.connectMs);
  try {
    const { rows } = await session.query(askServer, []);
    checkServer(address, rows[0] ?? {});
    return session;
  } catch (error) {
    const refused = refusal(address, error);
    session.break(refused);
    throw refused;
  } finally {
    clearTimeout(giveUp);
    options.signal?.removeEventListener('abort', leave);
  }
}

const askServer = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`;
const oldest = 12;

function checkServer(address: PostgresAddress, about: Row): void {
  const version = Math.floor(integer(about, 'version') / 10_000);
  const encoding = text(about, 'encoding');
  if (version < oldest)
    throw new StoreUnavailable(
      `PostgreSQL at ${placeOf(address)} is version ${version}: at least ${oldest} is needed`,
    );
  if (encoding !== 'UTF8')
    throw new StoreUnavailable(
      `the database at ${placeOf(address)} keeps text as ${encoding}: make one with ENCODING 'UTF8'`,
    );
}

function sessionTo(address: PostgresAddress, { settings, hear, lost }: SessionOptions): Session {
  const unanswered = new Set<(reason: Error) => void>();
  let gone: Error | undefined;
  let socket: Socket | undefined;
  const lose = (reason: Error) => {
    if (!gone) queueMicrotask(() => lost?.());
    gone ??= reason;
    for (const reject of unanswered) reject(gone);
    unanswered.clear();
  };
  const client = clientOf(address, settings, {
    socket() {
      if (socket ?? gone) throw gone ?? closedBy(address);
      socket = socketTo(address);
      return socket;
    },
    onclose: () => lose(closedBy(address)),
    onnotify: (_channel, payload) => hear?.(payload),
  });

  /** Does not rely on the client to reject what is under way when the connection goes. */
  function answered<T>(ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (gone) return reject(gone);
      unanswered.add(reject);
      const settle = () => unanswered.delete(reject);
      ask().then(
        (answer) => (settle(), resolve(answer)),
        (error: unknown) => {
          settle();
          reject(error instanceof postgres.PostgresError ? error : (gone ?? refusal(address, error)));
        },
      );
    });
  }

  return {
    get isOpen() {
      return gone === undefined;
    },
    async query(statement, params) {
      const rows = await answered(() => client.unsafe(statement, params.map(storable), { prepare: true }));
      return { rows, count: rows.count };
    },
    async command(commands) {
      const result = await answered(() => client.unsafe(commands).simple());
      return result.command;
    },
    copy: (command) => answered(() => client.unsafe(command).readable()),
    break(reason) {
      lose(reason);
      socket?.destroy();
    },
    async close() {
      gone ??= closedBy(address);
      await client.end({ timeout: closeSeconds });
      socket?.destroy();
    },
  };
}

/** As PostgreSQL shows our connections. */
export const application = 'docker-builder';

/** How long unanswered statements may hold up the end, in seconds. */
const closeSeconds = 5;

interface Wiring {
  socket(): Socket;
  onclose(): void;
  onnotify(channel: string, payload: string): void;
}

function clientOf(address: PostgresAddress, settings: SessionOptions['settings'], wiring: Wiring) {
  const { user, password, database } = address;
  const options = {
    ...wiring,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl: tlsOf(address),
    max: 1,
    types,
    fetch_types: false,
    // The time limits are this module's own.
    connect_timeout: 0,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: application, ...settings },
    onnotice: () => undefined,
  } as const;
  return postgres(options);
}

function tlsOf(address: PostgresAddress) {
  const { tls = 'prefer' } = address;
  const host = hostOf(address);
  if (tls === 'disable' || isFolder(host)) return false;
  // The name that the certificate must have; by itself the client takes "localhost" where it connects to an address.
  return tls === 'verify-full' ? { host } : tls;
}

function socketTo(address: PostgresAddress): Socket {
  const [host, port] = [hostOf(address), portOf(address)];
  if (isFolder(host)) return connectSocket({ path: join(host, `.s.PGSQL.${port}`) });
  // The client reads the name from the socket, to check a certificate by it.
  return Object.assign(connectSocket({ host, port, noDelay: true }), { host });
}

function isFolder(host: string): boolean {
  return host.startsWith('/');
}

/** PostgreSQL's text cannot hold the character NUL. */
function storable(value: LooseValue): LooseValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}
