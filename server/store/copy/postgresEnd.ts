import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { type PostgresAddress, readPostgresUrl } from '../../words/postgresUrl.ts';
import { placeOf, refusal } from '../postgresErrors.ts';
import { application, openSession, type Session } from '../postgresSession.ts';
import { writeLock } from '../postgresWriter.ts';
import { integer, integerOrNull } from '../row.ts';
import { newBatch } from './batches.ts';
import { copiedRows } from './copyText.ts';
import { CopyRefusal } from './ends.ts';
import { type Cells, inKeyOrder, type Table } from './table.ts';

/** A connection of which a copy has the database for itself. */
export interface PostgresEnd {
  readonly name: string;
  readonly session: Session;
  /** Has what PostgreSQL says in a sentence for a person. */
  told<T>(work: () => Promise<T>): Promise<T>;
}

/** It waits for the other side as long as that takes. */
const settings = {
  application_name: 'docker-builder copy',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  jit: 'off',
};
const connectMs = 10_000;
/** Between two tries to get the lock that everybody who writes takes for a moment, and how many there are. */
const [retryMs, tries] = [250, 20];

/** Connects, and keeps every other docker-builder from writing there until the connection ends. */
export async function openPostgresEnd(url: string): Promise<PostgresEnd> {
  const address = addressOf(url);
  const session = await openPostgresSession(url);
  const name = `the database ${address.database ?? ''} of PostgreSQL at ${placeOf(address)}`;
  const told = <T>(work: () => Promise<T>) =>
    work().catch((error: unknown) => {
      throw error instanceof postgres.PostgresError ? refusal(address, error) : error;
    });
  try {
    await told(() => holdAlone(name, session));
    return { name, session, told };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A connection by itself. */
export function openPostgresSession(url: string): Promise<Session> {
  return openSession(addressOf(url), { connectMs, settings });
}

function addressOf(url: string): PostgresAddress {
  const address = readPostgresUrl(url);
  if ('problem' in address) throw new CopyRefusal(`the address of the database ${address.problem}`);
  return address;
}

async function holdAlone(name: string, session: Session): Promise<void> {
  for (let tried = 0; !(await isHeld(session)); tried++) {
    if (tried === tries) throw inUse(name);
    await pause(retryMs);
  }
  if ((await session.query(askOthers, [])).rows.length > 0) throw inUse(name);
}

async function isHeld(session: Session): Promise<boolean> {
  const { rows } = await session.query(`SELECT pg_try_advisory_lock(${writeLock}) AS held`, []);
  return rows[0]?.['held'] === 1;
}

const askOthers = `SELECT 1 FROM pg_stat_activity
  WHERE application_name = '${application}' AND datname = current_database() LIMIT 1`;

/** Of a store with its tables: a process whose connections are cut just now is there all the same. */
export async function refuseMembers({ name, session }: PostgresEnd): Promise<void> {
  if ((await session.query(askMembers, [])).rows.length > 0) throw inUse(name);
}

/** Who was silent for so long, in milliseconds, is gone. */
const lostMs = 6000;
const askMembers = `SELECT 1 FROM members WHERE seen_at > extract(epoch FROM clock_timestamp()) * 1000 - ${lostMs}`;

function inUse(name: string): CopyRefusal {
  return new CopyRefusal(
    `${name} is in use by another docker-builder: stop all servers and workers on it first`,
  );
}

export async function* postgresRows({ session }: PostgresEnd, table: Table): AsyncGenerator<Cells[]> {
  const batch = newBatch();
  const pieces = await session.copy(`COPY (${inKeyOrder(table)}) TO STDOUT`);
  for await (const row of copiedRows(table, pieces)) {
    const full = batch.add(row);
    if (full) yield full;
  }
  yield batch.rest();
}

/** A number of the sequence that was given may be of no row: it was undone, or the row is gone. */
export async function postgresLastNumber({ session }: PostgresEnd, { name, key }: Table): Promise<number> {
  const { rows: named } = await session.query(`SELECT pg_get_serial_sequence($1, $2) AS sequence`, [
    name,
    key[0] ?? '',
  ]);
  const sequence = String(named[0]?.['sequence']);
  const { rows } = await session.query(
    `SELECT GREATEST(CASE WHEN is_called THEN last_value ELSE last_value - 1 END,
       (SELECT MAX(${key[0]}) FROM ${name})) AS last FROM ${sequence}`,
    [],
  );
  return integer(rows[0] ?? {}, 'last');
}

/** The newest step of the schema; undefined where no store was ever made there. */
export async function postgresSchema({ session }: PostgresEnd): Promise<number | undefined> {
  const { rows: found } = await session.query(
    `SELECT 1 FROM pg_class WHERE oid = to_regclass('migrations')`,
    [],
  );
  if (found.length === 0) return undefined;
  const { rows } = await session.query('SELECT MAX(number) AS number FROM migrations', []);
  return integerOrNull(rows[0] ?? {}, 'number') ?? undefined;
}
