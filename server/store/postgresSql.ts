import type { Session } from './postgresSession.ts';
import type { Sql } from './sql.ts';

/** Statements on one connection that has a transaction: nobody else writes, so all of it is one state. */
export function sqlOn({ query }: Pick<Session, 'query'>): Sql {
  const sql: Sql = {
    all: async ({ text }, params) => (await query(text, params)).rows,
    get: async ({ text }, params) => (await query(text, params)).rows[0],
    run: async ({ text }, params) => (await query(text, params)).count,
    together: (ask) => ask(sql),
  };
  return sql;
}

/** Runs something on a connection that nobody else uses meanwhile. */
export type Borrow = <T>(use: (session: Session) => Promise<T>) => Promise<T>;

/** Statements each of which takes a connection for itself. */
export function pooledSql(borrow: Borrow): Sql {
  const alone = <T>(ask: (sql: Sql) => Promise<T>) => borrow((session) => ask(sqlOn(session)));
  return {
    all: (statement, params) => alone((sql) => sql.all(statement, params)),
    get: (statement, params) => alone((sql) => sql.get(statement, params)),
    run: (statement, params) => alone((sql) => sql.run(statement, params)),
    together: (ask) => borrow((session) => inOneState(session, ask)),
  };
}

/** What is asked between the two commands is sent after the first, which therefore need not have been answered. */
async function inOneState<T>(session: Session, ask: (sql: Sql) => Promise<T>): Promise<T> {
  const began = session.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const [answer] = await Promise.all([ask(sqlOn(session)), began]);
    return answer;
  } finally {
    await session.command('COMMIT').catch((error: Error) => session.break(error));
  }
}
