import { type Row, type Sql, type SqlValue, type Statement, statement, type Transaction } from './sql.ts';

/** Rows that one statement inserts where there are that many: more gain nothing any more. */
const together = 8;

/** Inserts rows of one table. The values of each are those of its parameters, `$1` first. */
export interface Inserting {
  /** Asks for it and goes on. */
  send(sql: Pick<Transaction, 'send'>, rows: readonly (readonly SqlValue[])[]): void;
  /** Gives what is returned, in no certain order. */
  all(sql: Sql, rows: readonly (readonly SqlValue[])[]): Promise<Row[]>;
}

/**
 * Declares an insert of one row, e.g. `INSERT INTO t (a, b)`, `($1, 0)` and what follows it, and the same of several: it
 * costs a database less than as many statements, above all one that is asked over a network.
 */
export function inserting(into: string, row: string, rest = ''): Inserting {
  const width = Math.max(...Array.from(row.matchAll(/\$(\d+)/g), ([, place]) => Number(place)));
  const statementOf = (count: number) => {
    const rows = Array.from({ length: count }, (_, index) => moved(row, index * width));
    return statement(`${into} VALUES ${rows.join(', ')} ${rest}`.trimEnd());
  };
  const [one, several] = [statementOf(1), statementOf(together)];
  return {
    send(sql, rows) {
      for (const { text, params } of asked(rows)) sql.send(text, params);
    },
    async all(sql, rows) {
      const answers = asked(rows).map(({ text, params }) => sql.all(text, params));
      return (await Promise.all(answers)).flat();
    },
  };

  function asked(rows: readonly (readonly SqlValue[])[]): { text: Statement; params: SqlValue[] }[] {
    const full = rows.length - (rows.length % together);
    const parts = [];
    for (let from = 0; from < full; from += together)
      parts.push({ text: several, params: rows.slice(from, from + together).flat() });
    for (const values of rows.slice(full)) parts.push({ text: one, params: [...values] });
    return parts;
  }
}

/** The row with parameters that stand further behind. */
function moved(row: string, by: number): string {
  return row.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + by}`);
}
