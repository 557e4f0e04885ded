import postgres from 'postgres';
import { readPostgresUrl } from '../words/postgresUrl.ts';
import { uuid7 } from '../words/uuid7.ts';
import { createGroupCommit } from './group.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/list.ts';
import type { Step } from './migrations/step.ts';
import { postgresDialect } from './postgresDialect.ts';
import { refusal } from './postgresErrors.ts';
import { createReaders } from './postgresReaders.ts';
import { openSession, type Session } from './postgresSession.ts';
import { pooledSql } from './postgresSql.ts';
import { createPostgresWriter } from './postgresWriter.ts';
import { createReads } from './reads.ts';
import { createDatabaseClock, type DatabaseClock } from './shared/clock.ts';
import { openShared } from './shared/open.ts';
import { ensureStoreId } from './statements/meta.ts';
import type { Store } from './store.ts';
import { createTx } from './tx.ts';

export interface PostgresOptions {
  /** What the time is, in milliseconds since 1970; the clock's unless given. */
  now?: number;
  /** Connections that read, at most; one more writes. */
  maxReaders?: number;
  /** How long a connection may take to come about. */
  connectMs?: number;
  /** How long works that are committed together may take, the wait for other processes included. */
  writeMs?: number;
  /** How long one question may take. */
  readMs?: number;
}

/** The schema may change a table of a million rows. */
const migrateMs = 3_600_000;

const textsOf = ({ both, postgres: own }: Step) => [...both.map(postgresDialect), ...own];

/** A process that stands still in a transaction would keep all others from writing. */
const idleMs = 10_000;

/** Connections for what no order of writes depends on. */
const maxLoose = 3;

/** Works in one commit: PostgreSQL keeps account of 64 savepoints without a detour. */
const maxGroup = 60;

/**
 * Opens the store in a PostgreSQL database, its tables made where they are missing. Several processes may have it open.
 *
 * @param url - `postgres://user:password@host:port/database`
 * @throws Error with a sentence for a person, without the password: the database cannot be reached, refuses us, or is
 *   of a newer version
 */
export async function openPostgresStore(
  url: string,
  {
    now = Date.now(),
    maxReaders = 8,
    connectMs = 10_000,
    writeMs = 30_000,
    readMs = 30_000,
  }: PostgresOptions = {},
): Promise<Store> {
  const address = readPostgresUrl(url);
  if ('problem' in address) throw new Error(`the address of the database ${address.problem}`);
  const connectWith = (limits: Limits, hear?: (payload: string) => void) =>
    openSession(address, { connectMs, settings: settingsFor(limits), ...(hear && { hear }) });
  const connect = (limits: Limits) => () => connectWith(limits);

  const clock = createDatabaseClock();
  const preparing = connect({ ms: migrateMs, readOnly: false });
  const id = await prepare(preparing, clock, now).catch((error: unknown) => {
    throw error instanceof postgres.PostgresError ? refusal(address, error) : error;
  });
  const writer = createPostgresWriter(connect({ ms: writeMs, readOnly: false }), writeMs);
  const group = createGroupCommit(writer, maxGroup);
  const readers = createReaders(connect({ ms: readMs, readOnly: true }), {
    max: maxReaders,
    deadlineMs: readMs,
  });
  const loose = createReaders(connect({ ms: writeMs, readOnly: false }), {
    max: maxLoose,
    deadlineMs: writeMs,
  });
  const { shared, close: closeShared } = openShared({
    id,
    clock,
    borrow: loose.borrow,
    connectBus: (hear) => connectWith({ ms: readMs, readOnly: false }, hear),
  });
  return {
    id,
    shared,
    read: createReads(pooledSql(readers.borrow)),
    write: (work, options) => group.write((sql) => work(createTx(sql)), options),
    async close() {
      await group.close();
      await closeShared();
      await Promise.all([writer.close(), readers.close(), loose.close()]);
    },
  };
}

interface Limits {
  ms: number;
  readOnly: boolean;
}

function settingsFor({ ms, readOnly }: Limits): Record<string, string> {
  return {
    statement_timeout: String(ms),
    idle_in_transaction_session_timeout: String(idleMs),
    default_transaction_read_only: readOnly ? 'on' : 'off',
    jit: 'off',
  };
}

/** Brings the schema to the newest step, on a connection that has time for it; gives the store's id. */
async function prepare(connect: () => Promise<Session>, clock: DatabaseClock, now: number): Promise<string> {
  const session = await connect();
  const writer = createPostgresWriter(() => Promise.resolve(session), migrateMs);
  try {
    await clock.set(session);
    return await createGroupCommit(writer).write(async (sql) => {
      await migrate(sql, { textsOf, migrations, now });
      return ensureStoreId(sql, uuid7(now));
    });
  } finally {
    await writer.close();
  }
}
