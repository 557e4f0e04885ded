import postgres from 'postgres';
import type { PostgresAddress } from '../words/postgresUrl.ts';
import { StoreUnavailable } from '../words/storeUnavailable.ts';

const advice: Readonly<Record<string, string>> = {
  // What the operating system says.
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use that socket',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  // What the client says.
  CONNECTION_CLOSED: 'it closed the connection',
  CONNECTION_DESTROYED: 'it closed the connection',
};

const refusals: Readonly<Record<string, string>> = {
  '28P01': 'give the right user and password',
  '28000': 'let this user in from here (pg_hba.conf), or give another one',
  '3D000': 'create that database, or name another one',
  '42501': 'let this user connect to the database and create tables in it (GRANT CREATE ON SCHEMA public)',
  '53300': 'let it have more connections, or end some',
  '57P03': 'start again when it has started',
  '25006': 'name one that can be written to',
};

/** Why the database cannot be used, in a sentence for a person; a password is never in it. */
export function refusal(address: PostgresAddress, cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  const place = placeOf(address);
  const code = codeOf(cause);
  const reason = advice[code];
  if (reason !== undefined)
    return new StoreUnavailable(`PostgreSQL cannot be reached at ${place}: ${reason} (${code})`, { cause });
  const message = cause instanceof Error ? cause.message : String(cause);
  const remedy = refusals[code];
  return new StoreUnavailable(`PostgreSQL at ${place} says: ${message}${remedy ? `; ${remedy}` : ''}`, {
    cause,
  });
}

/** A statement that was refused for one of these may well succeed when it is asked again: the fault is not its own. */
const passing: ReadonlySet<string> = new Set([
  // Others were in its way, or it took too long.
  '40001',
  '40P01',
  '55P03',
  '57014',
  // The server takes no changes, has no room for more, or is going away.
  '25006',
  '53000',
  '53200',
  '53300',
  '57P01',
  '57P02',
  '57P03',
]);

/** The error as StoreUnavailable where the statement is not to blame, else as it is. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof postgres.PostgresError) || !passing.has(error.code)) return error;
  return new StoreUnavailable(`PostgreSQL gave up a statement: ${error.message}`, { cause: error });
}

export function closedBy(address: PostgresAddress): StoreUnavailable {
  return new StoreUnavailable(`PostgreSQL at ${placeOf(address)} closed the connection`);
}

export function hostOf({ host = 'localhost' }: PostgresAddress): string {
  return host;
}

export function portOf({ port = 5432 }: PostgresAddress): number {
  return port;
}

/** As it stands in messages. */
export function placeOf(address: PostgresAddress): string {
  const host = hostOf(address);
  return `${host.includes(':') ? `[${host}]` : host}:${portOf(address)}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
