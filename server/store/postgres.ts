import postgres from 'postgres';
import { readPostgresUrl } from '../words/postgresUrl.ts';
import { uuid7 } from '../words/uuid7.ts';
import { createGroupCommit } from './group.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/list.ts';
import type { Step } from './migrations/step.ts';
import { postgresTexts } from './migrations/texts.ts';
import { refusal } from './postgresErrors.ts';
import { gated } from './postgresGate.ts';
import { createReaders } from './postgresReaders.ts';
import { application, openSession, type Session } from './postgresSession.ts';
import { type Borrow, pooledSql } from './postgresSql.ts';
import { createPostgresWriter, writeLock } from './postgresWriter.ts';
import { createReads } from './reads.ts';
import type { BusWire } from './shared/bus.ts';
import { createDatabaseClock, type DatabaseClock } from './shared/clock.ts';
import { openShared } from './shared/open.ts';
import { refuseOlderPrograms } from './shared/schemaHold.ts';
import { endAllStandstill, endStandstill, whileWaiting } from './shared/standstill.ts';
import type { WriterSql } from './sql.ts';
import { ensureStoreId } from './statements/meta.ts';
import type { Store } from './store.ts';
import type { Patience } from './waitingList.ts';
import { createTx } from './tx.ts';

export interface PostgresOptions {
  /** What the time is, in milliseconds since 1970; that of the database's clock unless given. */
  now?: number;
  /** Connections that read, at most; one more writes. */
  maxReaders?: number;
  /** How long a connection may take to come about. */
  connectMs?: number;
  /** How long works that are committed together may take, the wait for other processes included. */
  writeMs?: number;
  /** How long one question may take. */
  readMs?: number;
  /** Of those who wait to write, and of those who wait to read. */
  patience?: Patience;
  /** The steps of the schema; those of this program unless given. */
  steps?: readonly Step[];
}

/** The schema may change a table of a million rows. */
const migrateMs = 3_600_000;

/** A process that stands still in a transaction would keep all others from writing. */
const idleMs = 10_000;

/** Connections for what no order of writes depends on. */
const maxLoose = 3;

/** PostgreSQL finds out after half a minute that a machine is gone, and frees what its processes had locked. */
const keepalive = {
  tcp_keepalives_idle: '15',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  // The same for one to which an answer is under way.
  tcp_user_timeout: '30000',
};

/** Nobody waits longer who has not even begun, and what more of them ask for only takes memory. */
const usualPatience: Patience = { most: 2000, ms: 10_000 };

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
    now,
    maxReaders = 8,
    connectMs = 10_000,
    writeMs = 30_000,
    readMs = 30_000,
    patience = usualPatience,
    steps = migrations,
  }: PostgresOptions = {},
): Promise<Store> {
  const address = readPostgresUrl(url);
  if ('problem' in address) throw new Error(`the address of the database ${address.problem}`);
  const connectWith = (limits: Limits, wire: Partial<BusWire> = {}) =>
    openSession(address, { connectMs, settings: settingsFor(limits), ...wire });
  const connect = (limits: Limits) => () => connectWith(limits);

  const clock = createDatabaseClock();
  const preparing = connect({ ms: migrateMs, readOnly: false });
  const id = await prepare(preparing, { clock, given: now, steps }).catch((error: unknown) => {
    throw error instanceof postgres.PostgresError ? refusal(address, error) : error;
  });
  const writer = createPostgresWriter(
    gated(connect({ ms: writeMs, readOnly: false })),
    writeMs,
    () => endStandstill(loose.borrow, writeLock),
    () => behind,
  );
  const group = createGroupCommit(writer, maxGroup, patience);
  const readers = createReaders(gated(connect({ ms: readMs, readOnly: true })), {
    max: maxReaders,
    deadlineMs: readMs,
    patience,
  });
  const loose = createReaders(gated(connect({ ms: writeMs, readOnly: false })), {
    max: maxLoose,
    deadlineMs: writeMs,
    patience,
  });
  const logWriter = createReaders(gated(connect({ ms: writeMs, readOnly: false })), {
    max: 1,
    deadlineMs: writeMs,
  });
  const {
    shared,
    behind,
    close: closeShared,
  } = openShared({
    id,
    clock,
    knownSteps: steps.length,
    borrow: loose.borrow,
    borrowReader: readers.borrow,
    borrowLogWriter: logWriter.borrow,
    connect: connect({ ms: readMs, readOnly: false }),
    connectBus: (wire) => connectWith({ ms: readMs, readOnly: false }, wire),
  });
  return {
    id,
    shared,
    read: createReads(pooledSql(readers.borrow)),
    write: (work, options) => group.write((sql) => work(createTx(sql)), options),
    async close() {
      await group.close();
      await closeShared();
      await Promise.all([writer.close(), readers.close(), loose.close(), logWriter.close()]);
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
    ...keepalive,
    default_transaction_read_only: readOnly ? 'on' : 'off',
    jit: 'off',
  };
}

interface Preparing {
  clock: DatabaseClock;
  /** What the time is, where that is not for the clock to say. */
  given: number | undefined;
  steps: readonly Step[];
}

/** Brings the schema to the newest step, on a connection that has time for it; gives the store's id. */
async function prepare(connect: () => Promise<Session>, { clock, given, steps }: Preparing): Promise<string> {
  const session = await connect();
  const writer = createPostgresWriter(() => Promise.resolve(session), migrateMs);
  // A step may wait for any table.
  const endOthers = () => endAllStandstill(aside(connect), application);
  try {
    await clock.set(session);
    const now = given ?? clock.now();
    const toNewest = async (sql: WriterSql) => {
      await migrate(sql, { textsOf: postgresTexts, migrations: steps, now, guard: refuseOlderPrograms });
      return ensureStoreId(sql, uuid7(now));
    };
    return await whileWaiting(endOthers, () => createGroupCommit(writer).write(toNewest));
  } finally {
    await writer.close();
  }
}

/** A connection for one use: nothing else may be open yet. */
function aside(connect: () => Promise<Session>): Borrow {
  return async (use) => {
    const session = await connect();
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  };
}
