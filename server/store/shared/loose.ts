import type { Loose } from '../loose.ts';
import type { Session } from '../postgresSession.ts';
import type { Borrow } from '../postgresSql.ts';

/** Each statement takes a connection for itself, and is a transaction by itself. */
export function createLoose(borrow: Borrow): Loose {
  const alone = <T>(ask: (loose: Loose) => Promise<T>) => borrow((session) => ask(looseOn(session)));
  return {
    all: (statement, params) => alone((loose) => loose.all(statement, params)),
    run: (statement, params) => alone((loose) => loose.run(statement, params)),
    together: (work) => borrow((session) => inTransaction(session, work)),
  };
}

/** Statements on a connection whose transaction, where it has one, is the caller's. */
export function looseOn(session: Session): Loose {
  const loose: Loose = {
    all: async ({ text }, params) => (await session.query(text, params)).rows,
    run: async ({ text }, params) => (await session.query(text, params)).count,
    together: (work) => work(loose),
  };
  return loose;
}

/** What is asked in the first turn is sent after the first command, without waiting for its answer. */
async function inTransaction<T>(session: Session, work: (loose: Loose) => Promise<T>): Promise<T> {
  const began = session.command('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  try {
    const [answer] = await Promise.all([work(looseOn(session)), began]);
    const done = await session.command('COMMIT');
    if (done !== 'COMMIT') throw new Error('PostgreSQL undid the transaction instead of committing it');
    return answer;
  } catch (error) {
    if (session.isOpen) await session.command('ROLLBACK').catch((fault: Error) => session.break(fault));
    throw error;
  }
}
