import type { Gathering } from './gathering.ts';
import { parted } from './parting.ts';
import type { KeyedTable } from './rowKeys.ts';
import { type Row, type Sql, type SqlValue, statement, type Transaction } from './sql.ts';

/** Rows that one statement inserts where nobody waits for others: more gain nothing any more. */
const together = [8];
/** The same over a network, of rows that were gathered: one statement for each digit of their number in binary. */
const gathered = [2, 4, 8, 16, 32];

/** What else is to be known of an insert whose rows are gathered. */
export interface InsertingOptions {
  /** Found in the text of whatever is about tables whose rows refer to its own: it comes before that. */
  referredBy?: RegExp;
  /** Its first parameter is the key of the row, in this table. */
  keyed?: KeyedTable;
}

/** Inserts rows of one table. The values of each are those of its parameters, `$1` first. */
export interface Inserting {
  /** Asks for it and goes on. */
  send(sql: Pick<Transaction, 'send'>, rows: readonly (readonly SqlValue[])[]): void;
  /** Gives what is returned, in no certain order. */
  all(sql: Sql, rows: readonly (readonly SqlValue[])[]): Promise<Row[]>;
  /** For rows that may be written later than they are told. */
  readonly gathering: Gathering;
}

/**
 * Declares an insert of one row, e.g. `INSERT INTO t (a, b)`, `($1, 0)` and what follows it, and the same of several: it
 * costs a database less than as many statements, above all one that is asked over a network.
 */
export function inserting(into: string, row: string, rest = '', options: InsertingOptions = {}): Inserting {
  const width = Math.max(...Array.from(row.matchAll(/\$(\d+)/g), ([, place]) => Number(place)));
  const made = new Map([1, ...gathered].map((count) => [count, statementOf(count)]));
  const [, table = ''] = /^INSERT INTO (\w+)/.exec(into) ?? [];
  const gathering = gatheringOf(gathered);
  const near = gatheringOf(together);
  return {
    gathering,
    send(sql, rows) {
      for (const part of parted(near, rows)) sql.send(part.statement, part.params);
    },
    async all(sql, rows) {
      const answers = parted(near, rows).map(({ statement: text, params }) => sql.all(text, params));
      return (await Promise.all(answers)).flat();
    },
  };

  function gatheringOf(sizes: readonly number[]): Gathering {
    const several = sizes.flatMap((most) => {
      const known = made.get(most);
      return known ? [{ most, statement: known }] : [];
    });
    const one = made.get(1) ?? statementOf(1);
    return { one, several, named: new RegExp(`\\b${table}\\b`), inserts: options };
  }

  function statementOf(count: number) {
    const rows = Array.from({ length: count }, (_, index) => moved(row, index * width));
    return statement(`${into} VALUES ${rows.join(', ')} ${rest}`.trimEnd());
  }
}

/** The row with parameters that stand further behind. */
function moved(row: string, by: number): string {
  return row.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + by}`);
}
