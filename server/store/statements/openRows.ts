import { integer } from '../row.ts';
import { lateStatement, type Row, type Sql, statement } from '../sql.ts';
import { type Among, sortColumns } from './listRows.ts';
import type { ListTable } from './listTable.ts';
import { forSizes } from './listTexts.ts';
import { numbered } from './numbered.ts';

/** The questions that lists ask about what has not ended. */
export interface OpenRows {
  /**
   * What is queued, by the time since when it is: the first rows, and all that are queued since the same time as the last
   * of them. Undefined where no statement names so many.
   */
  first(sql: Sql, among: Among, page: { descending: boolean; limit: number }): Promise<Row[]> | undefined;
  /** What is open and not queued, up to a limit of each kind. */
  busy(sql: Sql, limit: number): Promise<Row[]>;
  /** Of one origin and course, those queued since a time. */
  count(sql: Sql, origin: number, course: number, from: number, to: number): Promise<number>;
}

const earliest = -8.64e15;
const latest = 8.64e15;

export function openRows(table: ListTable<string>): OpenRows {
  // What is queued has a queued attempt; its index is there for runs, too.
  const isRun = table.table === 'runs';
  const there = `FROM attempts a${isRun ? ' CROSS JOIN runs r' : ''}
    WHERE a.origin IS NOT NULL AND a.state = 'queued'${isRun ? ' AND r.key = a.run_key' : ''}`;
  const own = isRun ? 'r.' : 'a.';
  const columns = sortColumns(table, own);
  const during = ' AND a.queued_at >= ? AND a.queued_at <= ?';
  const [up, down] = ['ASC', 'DESC'].map((order) =>
    forSizes([0, 8, 128, 1024], [0, 8, 64], (which, fill) => {
      const text = lateStatement(() => {
        const lists = which().replaceAll('origin', 'a.origin').replaceAll('course', `${own}course`);
        const by = `ORDER BY a.queued_at ${order}, a.key ${order} LIMIT ?`;
        return numbered(`SELECT ${columns}, a.queued_at AS since ${there}${lists}${during} ${by}`);
      });
      return { text, fill };
    }),
  );
  const busy = table.busy.map((where) =>
    statement(
      `SELECT ${sortColumns(table)} FROM ${table.table} WHERE ${where} AND origin IS NOT NULL LIMIT $1`,
    ),
  );
  const count = statement(
    numbered(`SELECT COUNT(*) AS counted ${there} AND a.origin + 0 = ? AND ${own}course + 0 = ?${during}`),
  );

  return {
    first(sql, among, { descending, limit }) {
      const { from = earliest, to = latest } = among;
      const found = (descending ? down : up)?.(among);
      if (!found) return undefined;
      const ask = (since: number, until: number, most: number) =>
        sql.all(found.text, [...found.fill(among), since, until, most]);
      return ask(from, to, limit).then(async (rows) => {
        const last = rows.at(limit - 1);
        if (!last) return rows;
        const time = integer(last, 'since');
        return [...rows.filter((row) => row['since'] !== time), ...(await ask(time, time, mostAtOnce))];
      });
    },
    busy: async (sql, limit) => (await Promise.all(busy.map((text) => sql.all(text, [limit])))).flat(),
    async count(sql, origin, course, from, to) {
      const row = await sql.get(count, [origin, course, from, to]);
      return row ? integer(row, 'counted') : 0;
    },
  };
}

/** More than are queued at the same time. */
const mostAtOnce = 20_000;
