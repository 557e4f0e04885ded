import { askedTogether } from './asking.ts';
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
  const all = askedTogether((statement, params) => alone((sql) => sql.all(statement, params)));
  return {
    all,
    get: async (statement, params) => (await all(statement, params))[0],
    run: (statement, params) => alone((sql) => sql.run(statement, params)),
    together: (ask) => borrow((session) => inOneState(session, ask)),
  };
}

/**
 * Most of what is asked so are pages of lists, which go along an index: from what it guesses about lists of values, the
 * planner would rather read the whole table and sort it. Such lists are looked into more quickly where it knows them, and a
 * plan for each question costs less than that.
 */
const begin = [
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL enable_sort = off',
  'SET LOCAL max_parallel_workers_per_gather = 0',
  'SET LOCAL plan_cache_mode = force_custom_plan',
].join('; ');

/** What is asked between the two commands is sent after the first, which therefore need not have been answered. */
async function inOneState<T>(session: Session, ask: (sql: Sql) => Promise<T>): Promise<T> {
  const began = session.command(begin);
  try {
    const [answer] = await Promise.all([ask(sqlOn(session)), began]);
    return answer;
  } finally {
    await session.command('COMMIT').catch((error: Error) => session.break(error));
  }
}
