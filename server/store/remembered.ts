import { createMemo } from './memo.ts';
import type { Sql, Statement } from './sql.ts';

/** So many answers are remembered at most. */
const mostKnown = 1000;

/** What the one connection that writes carries out, and what becomes of it. */
export interface Carried {
  note(statement: Statement): void;
  committed(): void;
  undone(): void;
}

/** Answers about what is committed that stand until something certain is written. */
export interface Remembered extends Carried {
  /** The connection that reads, asked only for what is not remembered. */
  over(reader: Sql): Sql;
}

/** Only for a database that nobody writes but who tells it here. */
export function createRemembered(): Remembered {
  const memo = createMemo();
  const carried = new Set<Statement>();
  let known = 0;

  function makeRoom(): void {
    if (++known <= mostKnown) return;
    memo.clear();
    known = 1;
  }

  return {
    note: (statement) => void carried.add(statement),
    committed() {
      for (const statement of carried) memo.note(statement);
      carried.clear();
    },
    undone: () => carried.clear(),
    over(reader) {
      const all: Sql['all'] = (statement, params) =>
        memo.answer(statement, params, () => {
          if (statement.standsUntil) makeRoom();
          return reader.all(statement, params);
        });
      const sql: Sql = {
        ...reader,
        all,
        get: async (statement, params) =>
          statement.standsUntil ? (await all(statement, params))[0] : reader.get(statement, params),
        together: (ask) => ask(sql),
      };
      return sql;
    },
  };
}
