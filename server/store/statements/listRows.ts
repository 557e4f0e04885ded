import { integer } from '../row.ts';
import { lateStatement, type Row, type Sql, statement, type Statement } from '../sql.ts';
import type { ListTable } from './listTable.ts';
import { forSizes, type Lists, type Which } from './listTexts.ts';
import { numbered } from './numbered.ts';
import { several } from './several.ts';

/** The rows that are looked for; an empty list of origins or courses means all that there are. */
export interface Among extends Lists {
  /** Of their newest change, both ends included. */
  from: number | undefined;
  to: number | undefined;
}

/** Which rows of an order, counted from its beginning, and in which direction that is. */
export interface Stretch {
  descending: boolean;
  offset: number;
  limit: number;
  /** The lowest value that is looked at; where it is given, the order ascends. */
  start?: number;
}

/** A place in an order: the value that a row is sorted by, and the row's key. */
export interface Place {
  key: number;
  value: number;
}

/** The questions that lists ask about what has ended. */
export interface EndedRows<Column extends string> {
  /** Along the index of a column, and of keys in the same direction. Undefined where no statement names so many. */
  walk(sql: Sql, column: Column, among: Among, stretch: Stretch): Promise<Place[]> | undefined;
  /** Of one origin and course, by their newest change; quicker than among others. */
  walkOne(sql: Sql, one: One, stretch: Stretch): Promise<Place[]>;
  /** All rows of these origins and courses; undefined where those are too many to be named. */
  few(sql: Sql, among: Among): Promise<Row[]> | undefined;
  /** Rows with a value, up to a limit. */
  ties(sql: Sql, column: Column, value: number, limit: number): Promise<Row[]>;
  /** Of one origin and course, those whose newest change is in a time. */
  count(sql: Sql, origin: number, course: number, from: number, to: number): Promise<number>;
}

/** Rows of one origin and course. */
export interface One extends Pick<Among, 'from' | 'to'> {
  origin: number;
  course: number;
}

// One or two values are compared, of more a list is made and looked into.
const originSizes = [0, 1, 2, 8, 128, 1024];
const courseSizes = [0, 1, 2, 8, 64, 512, 'states'] as const;

const earliest = -8.64e15;
const latest = 8.64e15;

/** What rows of a list are sorted by, behind SELECT. */
export function sortColumns({ columns }: ListTable<string>, of = ''): string {
  const names = ['key', 'origin', 'course', ...Object.keys(columns).filter((column) => column !== 'key')];
  return names.map((name) => of + name).join(', ');
}

export function endedRows<Column extends string>(table: ListTable<Column>): EndedRows<Column> {
  const there = `FROM ${table.table} WHERE origin IS NOT NULL AND ${table.ended}`;
  const columns = sortColumns(table);
  const names = Object.keys(table.columns) as Column[];
  const along = new Map(names.map((name) => [name, table.columns[name]]));
  const indexed = [...new Set(along.values())];
  const walks = new Map(indexed.map((column) => [column, walkAlong(there, column)]));
  const tied = new Map(
    indexed.map((column) => [column, statement(`SELECT ${columns} ${there} AND ${column} = $1 LIMIT $2`)]),
  );
  // Without the sums, these go along the index of both.
  const fews = forSizes([8, 128], [8, 64], (which, fill) => ({
    text: lateStatement(() =>
      numbered(
        `SELECT ${columns} ${there}${which().replaceAll(' + 0', '')} AND modified_at >= ? AND modified_at <= ?`,
      ),
    ),
    fill,
  }));
  const ofOne = `${there} AND origin = $1 AND course = $2 AND modified_at >= $3 AND modified_at <= $4`;
  const count = statement(`SELECT COUNT(*) AS counted ${ofOne}`);
  const [oneUp, oneDown] = ['ASC', 'DESC'].map((order) =>
    statement(
      `SELECT key, modified_at AS value ${ofOne} ORDER BY modified_at ${order}, key ${order} LIMIT $5 OFFSET $6`,
    ),
  );

  return {
    walk: (sql, column, among, stretch) => walks.get(along.get(column) ?? column)?.(sql, among, stretch),
    walkOne(sql, { origin, course, from, to }, { descending, offset, limit }) {
      const text = descending ? oneDown : oneUp;
      if (!text) throw new Error('a list has an order without a statement');
      return placesOf(sql.all(text, [origin, course, from ?? earliest, to ?? latest, limit, offset]));
    },
    few(sql, among) {
      const found = fews(among);
      const time = [among.from ?? earliest, among.to ?? latest];
      return found && sql.all(found.text, [...found.fill(among), ...time]);
    },
    async ties(sql, column, value, limit) {
      const text = tied.get(along.get(column) ?? column);
      return text ? sql.all(text, [value, limit]) : [];
    },
    async count(sql, origin, course, from, to) {
      const row = await sql.get(count, [origin, course, from, to]);
      return row ? integer(row, 'counted') : 0;
    },
  };
}

type Walk = (sql: Sql, among: Among, stretch: Stretch) => Promise<Place[]> | undefined;

/** A statement for each direction and for each number of origins and courses. */
function walkAlong(there: string, column: string): Walk {
  // Along another index most walks do not ask for a time, and should not pay for it at each row.
  const isByTime = column === 'modified_at';
  const during = isByTime
    ? ' AND modified_at >= ? AND modified_at <= ?'
    : ' AND (? = 0 OR (modified_at + 0 >= ? AND modified_at + 0 <= ?))';
  const text = (which: Which, order: string): Statement =>
    lateStatement(() => {
      const by = column === 'key' ? `key ${order}` : `${column} ${order}, key ${order}`;
      const where = `${there} AND ${column} IS NOT NULL${which()}`;
      return numbered(`SELECT key, ${column} AS value ${where} ORDER BY ${by} LIMIT ? OFFSET ?`);
    });
  const textsOf = (order: string, since = '') => ({
    all: text(() => since, order),
    some: forSizes(originSizes, courseSizes, (which, fill) => ({
      text: text(() => which() + during + (isByTime ? '' : since), order),
      fill,
    })),
  });
  const [up, down] = [textsOf('ASC', ` AND ${column} >= CAST(? AS BIGINT)`), textsOf('DESC')];

  return (sql, among, stretch) => {
    const { all, some } = stretch.descending ? down : up;
    const end = [...(stretch.descending ? [] : [stretch.start ?? earliest]), stretch.limit, stretch.offset];
    if (isAll(among)) return placesOf(sql.all(all, end));
    const found = some(among);
    if (!found) return undefined;
    const { from = earliest, to = latest } = among;
    const time = isByTime
      ? [Math.max(from, stretch.start ?? earliest), to, stretch.limit, stretch.offset]
      : [Number(from !== earliest || to !== latest), from, to, ...end];
    return placesOf(sql.all(found.text, [...found.fill(among), ...time]));
  };
}

function isAll({ origins, courses, from, to }: Among): boolean {
  return origins.length + courses.length === 0 && from === undefined && to === undefined;
}

async function placesOf(rows: Promise<Row[]>): Promise<Place[]> {
  return (await rows).map((row) => ({ key: integer(row, 'key'), value: integer(row, 'value') }));
}

/** Rows by what they are: of a list, or of one run. */
export interface NamedRows {
  byKey(sql: Sql, keys: readonly number[]): Promise<Row[]>;
  /** Those of one run: its attempts, or itself. */
  ofRun(sql: Sql, runId: string): Promise<Row[]>;
}

export function namedRows(table: ListTable<string>): NamedRows {
  const select = `SELECT ${sortColumns(table)} FROM ${table.table}`;
  const ofRun = statement(`${select} WHERE ${table.runId} = $1`);
  return {
    byKey: several((list) => `${select} WHERE key IN (${list})`),
    ofRun: (sql, runId) => sql.all(ofRun, [runId]),
  };
}
