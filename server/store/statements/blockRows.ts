import { integerOrNull } from '../row.ts';
import { lateStatement, type Row, type Sql, statement, type Statement } from '../sql.ts';
import type { Among } from './listRows.ts';
import type { ListTable } from './listTable.ts';
import { type Fill, forSizes } from './listTexts.ts';
import { numbered } from './numbered.ts';

/** The first key, and the one behind the last. */
export interface KeyRange {
  from: number;
  to: number;
}

/** The questions that lists ask about what has ended in a range of keys. */
export interface BlockRows<Column extends string> {
  /** How many rows of a range there are of each origin and course whose newest change is in a time. */
  groups(sql: Sql, keys: KeyRange, from: number, to: number): Promise<Row[]>;
  /** How many rows of a range have a lower value than this; undefined where no statement names so many. */
  below(sql: Sql, column: Column, among: Among, part: Below): Promise<number> | undefined;
  /** The lowest value in a range, null where nothing is in it; undefined as above. */
  least(sql: Sql, column: Column, among: Among, keys: KeyRange): Promise<number | null> | undefined;
}

export interface Below {
  keys: KeyRange;
  /** What is lower is not looked for: along the index of the column. Else each row of the range is looked at. */
  least?: number;
  value: number;
}

const earliest = -8.64e15;
const latest = 8.64e15;
const originSizes = [0, 2, 128, 1024];
const courseSizes = [0, 2, 64, 512, 'states'] as const;

export function blockRows<Column extends string>(table: ListTable<Column>): BlockRows<Column> {
  const there = `FROM ${table.table} WHERE origin IS NOT NULL AND ${table.ended}`;
  const names = Object.keys(table.columns) as Column[];
  const during = ' AND modified_at + 0 >= ? AND modified_at + 0 <= ?';
  const groups = statement(
    numbered(`SELECT origin + 0 AS origin, course + 0 AS course, COUNT(*) AS counted ${there}
      AND key >= ? AND key < ?${during} GROUP BY origin + 0, course + 0`),
  );
  const texts = new Map(
    names.map((name) => {
      const column = table.columns[name];
      const inKeys = `${column} + 0`;
      return [
        name,
        {
          along: asking('COUNT(*)', 'key + 0', column),
          inKeys: asking('COUNT(*)', 'key', inKeys),
          least: asking(`MIN(${inKeys})`, 'key', inKeys),
        },
      ];
    }),
  );

  function asking(what: string, key: string, value: string) {
    return forSizes(originSizes, courseSizes, (which, fill) => ({
      text: lateStatement(() =>
        numbered(`SELECT ${what} AS answer ${there}
          AND ${value} >= CAST(? AS BIGINT) AND ${value} < CAST(? AS BIGINT) AND ${key} >= ? AND ${key} < ?${during}${which()}`),
      ),
      fill,
    }));
  }

  return {
    groups: (sql, keys, from, to) => sql.all(groups, [keys.from, keys.to, from, to]),
    below(sql, column, among, part) {
      const known = texts.get(column);
      const found = (part.least === undefined ? known?.inKeys : known?.along)?.(among);
      return found && answer(sql, found, among, part).then((count) => count ?? 0);
    },
    least(sql, column, among, keys) {
      const found = texts.get(column)?.least(among);
      return found && answer(sql, found, among, { keys, value: latest });
    },
  };
}

async function answer(
  sql: Sql,
  { text, fill }: { text: Statement; fill: Fill },
  among: Among,
  { keys, least = earliest, value }: Below,
): Promise<number | null> {
  const { from = earliest, to = latest } = among;
  const row = await sql.get(text, [least, value, keys.from, keys.to, from, to, ...fill(among)]);
  return row ? integerOrNull(row, 'answer') : null;
}
