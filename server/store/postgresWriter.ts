import type { Writer } from './group.ts';
import { CommitUnknown, StoreUnavailable } from '../words/storeUnavailable.ts';
import type { KeyedTable } from './rowKeys.ts';
import { asUnavailable } from './postgresErrors.ts';
import { createLink } from './postgresLink.ts';
import type { Session } from './postgresSession.ts';
import type { Behind } from './shared/behind.ts';
import { whileWaiting } from './shared/standstill.ts';
import { sqlOn } from './postgresSql.ts';
import { expectChanged } from './sql.ts';

export interface PostgresWriter extends Writer {
  close(): Promise<void>;
}

/** Any number will do that nobody else locks in the same database. */
export const writeLock = 7_239_001_964;

/**
 * For one transaction. Every statement goes along an index, which the guesses about a fresh table would let some leave;
 * and what a statement is asked for does not change its plan, so that one is enough.
 */
export const planning: readonly string[] = [
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL enable_sort = off',
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_bitmapscan = off',
  'SET LOCAL plan_cache_mode = force_generic_plan',
  // What it does all the same, the settings above make look dear enough to be compiled.
  'SET LOCAL jit = off',
];

/**
 * Everybody who writes holds the lock, so that all writes of all processes come one after another, as on SQLite. The
 * lock is taken by a statement of its own: each statement sees what was committed before it began, and one that waited
 * for the lock itself would not see what the holder before it did.
 */
const begin = [
  'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
  `SELECT pg_advisory_xact_lock(${writeLock})`,
  ...planning,
  'SAVEPOINT work',
].join('; ');

/** Whether anything was written since the savepoint: then the next work needs a new one. */
type Mark = 'fresh' | 'used';

/**
 * The one connection of this process that writes. Commands around the works are sent without waiting for their answers,
 * and so are statements that are `send`; where one of them fails, the server undoes the transaction. `onWait` is called each
 * second while others write; `behind` is told of commits.
 */
export function createPostgresWriter(
  connect: () => Promise<Session>,
  deadlineMs: number,
  onWait: () => Promise<void> = () => Promise.resolve(),
  behind: () => Behind | undefined = () => undefined,
): PostgresWriter {
  const link = createLink(connect);
  let began = false;
  let mark: Mark = 'fresh';
  let deadline: NodeJS.Timeout | undefined;
  const { begin: forget, follow, explained, answered } = createUnanswered();
  const send = (text: string) => follow(link.session, link.session.command(text));
  const end = () => {
    began = false;
    clearTimeout(deadline);
    link.rest();
  };
  const ask = (text: string, params: Parameters<Session['query']>[1]) => {
    if (!text.startsWith('SELECT')) mark = 'used';
    return link.session.query(text, params);
  };
  const sql = sqlOn({ query: (text, params) => explained(ask(text, params)) });
  return {
    sql: {
      ...sql,
      isRemote: true,
      async script(text) {
        mark = 'used';
        await explained(link.session.command(text));
      },
      send(statement, params, rows) {
        const answer = ask(statement.text, params);
        const checked = answer.then(({ count }) => expectChanged(count, statement, rows));
        follow(link.session, checked);
      },
      usedKeys: (table, last) => follow(link.session, ask(advance(table), [last])),
    },
    get inTransaction() {
      return began && link.isOpen;
    },
    async begin() {
      clearTimeout(deadline);
      await link.ready();
      began = true;
      mark = 'fresh';
      forget();
      deadline = setTimeout(() => link.session.break(tooLate(deadlineMs)), deadlineMs);
      const begun = whileWaiting(onWait, () => link.session.command(begin));
      follow(link.session, begun);
    },
    savepoint() {
      if (mark === 'used') send('RELEASE work; SAVEPOINT work');
      mark = 'fresh';
    },
    release() {
      // Together with the next savepoint, or never: the commit does it too.
    },
    undo() {
      send('ROLLBACK TO work');
      mark = 'fresh';
    },
    async commit() {
      try {
        await answered();
        await committed(link.session, behind());
      } finally {
        end();
      }
    },
    async rollback() {
      send('ROLLBACK');
      await answered().catch(() => undefined);
      end();
    },
    async close() {
      end();
      await link.close();
    },
  };
}

/** What is sent without waiting for its answer: once one says no, the connection is given up with all that is on it. */
function createUnanswered() {
  let newest: Promise<void> = Promise.resolve();
  let fault: StoreUnavailable | undefined;
  return {
    begin() {
      newest = Promise.resolve();
      fault = undefined;
    },
    follow(session: Session, answer: Promise<unknown>): void {
      newest = answer.then(
        () => undefined,
        (error: unknown) => {
          // The others fail because of the first.
          fault ??= brokenBy(error);
          session.break(fault);
          throw fault;
        },
      );
      newest.catch(() => undefined);
    },
    /** Where something before a statement failed, the statement's own error only says that it did. */
    explained<T>(answer: Promise<T>): Promise<T> {
      const before = newest;
      return answer.catch(async (error: unknown) => {
        await before;
        throw asUnavailable(error);
      });
    },
    /** Resolves when all of it is answered; rejects with why one failed. */
    answered: () => newest,
  };
}

/** Lets what a table numbers by itself go on after a key. */
function advance(table: KeyedTable): string {
  return `SELECT setval('${table}_key_seq', $1)`;
}

async function committed(session: Session, behind: Behind | undefined): Promise<void> {
  const answer = session.command('COMMIT').catch((error: unknown) => {
    if (session.isOpen) throw asUnavailable(error);
    throw new CommitUnknown(`${messageOf(error)} while it committed: nobody knows whether it did`, {
      cause: error,
    });
  });
  behind?.sent(session);
  // It answers ROLLBACK, without an error, to the commit of a transaction in which something failed.
  if ((await answer) !== 'COMMIT')
    throw new Error('PostgreSQL undid the transaction instead of committing it');
  behind?.done();
}

function tooLate(deadlineMs: number): StoreUnavailable {
  return new StoreUnavailable(`PostgreSQL did not finish a write within ${deadlineMs} ms`);
}

function brokenBy(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`PostgreSQL gave up a write: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
