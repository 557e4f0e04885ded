import { finds } from './finds.ts';
import type { Gathering } from './gathering.ts';
import { parted } from './parting.ts';
import type { SqlValue, Statement, WriterSql } from './sql.ts';

type Writing = Pick<WriterSql, 'send' | 'isRemote' | 'usedKeys'>;

/** Changes of single rows, new ones among them, that the works of a group tell, and that are written together. */
export interface Gathered {
  /** Changes the row with an id, for the work that is under way. */
  gather(sql: Writing, change: Gathering, id: string, params: readonly SqlValue[]): void;
  /** Has them written, and forgets them; only where a statement looks at one of them, if it is given. */
  flush(sql: Writing, reader?: Statement, params?: readonly SqlValue[]): void;
  /** The answer to something else is waited for: has them written meanwhile, where they are many. */
  useWait(sql: Writing): void;
  /** The work has ended well. */
  keep(): void;
  /** The work is undone: nothing that it told counts, and what it had written for the others is to be written again. */
  drop(): void;
}

interface Told {
  change: Gathering;
  id: string;
  params: readonly SqlValue[];
}

/** So many are written while something else is waited for. New rows are not: more of them may follow. */
const worthWriting = 16;

export function createGathered(): Gathered {
  let kept: Told[] = [];
  let own: Told[] = [];
  let unwritten: Told[] | undefined;
  let rows = rowsOf([]);

  function write(sql: Writing): void {
    const byChange = [...Map.groupBy([...kept, ...own], (told) => told.change)];
    unwritten ??= kept;
    [kept, own, rows] = [[], [], rowsOf([])];
    const first = byChange.filter(([{ inserts }]) => inserts?.referredBy);
    for (const [change, told] of new Map([...first, ...byChange])) writeRows(sql, change, told);
  }

  return {
    gather(sql, change, id, params) {
      // The changes of one row are written in the order in which they were told.
      if (rows.has(change, id)) write(sql);
      // What is near takes one change after another as quickly; new rows it takes more quickly together.
      if (!sql.isRemote && !change.inserts) return sql.send(change.one, params, 1);
      own.push({ change, id, params });
      rows.add(change, id);
    },
    flush(sql, reader, params = []) {
      if (kept.length + own.length === 0) return;
      if (!reader || rows.areSeenBy(reader, params)) write(sql);
    },
    useWait(sql) {
      if (sql.isRemote && kept.length + own.length >= worthWriting && !rows.areNew()) write(sql);
    },
    keep() {
      kept.push(...own);
      own = [];
      unwritten = undefined;
    },
    drop() {
      kept = unwritten ?? kept;
      own = [];
      unwritten = undefined;
      rows = rowsOf(kept);
    },
  };
}

/** Which rows are told of. */
interface Rows {
  add(change: Gathering, id: string): void;
  has(change: Gathering, id: string): boolean;
  /** Whether some of them are inserted. */
  areNew(): boolean;
  areSeenBy(reader: Statement, params: readonly SqlValue[]): boolean;
}

function rowsOf(told: readonly Told[]): Rows {
  const changes = new Set<Gathering>();
  const ids = new Map<string, Set<string>>();
  const idsOf = ({ named: { source } }: Gathering) => ids.get(source) ?? new Set<string>();
  const rows: Rows = {
    add(change, id) {
      changes.add(change);
      ids.set(change.named.source, idsOf(change).add(id));
    },
    has: (change, id) => idsOf(change).has(id),
    areNew: () => [...changes].some(({ inserts }) => inserts !== undefined),
    areSeenBy(reader, params) {
      const { looksAt } = reader;
      // What is new is none of the rows that a statement names, but may be one of those that it looks for.
      const isSeen = (change: Gathering) =>
        !looksAt || (change.inserts && looksAt.length === 0)
          ? isAbout(reader, change)
          : looksAt.some((index) => idsOf(change).has(String(params[index])));
      return [...changes].some(isSeen);
    },
  };
  for (const { change, id } of told) rows.add(change, id);
  return rows;
}

function isAbout(reader: Statement, { named, inserts }: Gathering): boolean {
  return finds(named, reader) || (inserts?.referredBy !== undefined && finds(inserts.referredBy, reader));
}

function writeRows(sql: Writing, change: Gathering, told: readonly Told[]): void {
  const rows = told.map(({ params }) => params);
  for (const { statement, params, count } of parted(change, rows)) sql.send(statement, params, count);
  const [last] = rows.at(-1) ?? [];
  if (change.inserts?.keyed && typeof last === 'number') sql.usedKeys(change.inserts.keyed, last);
}
