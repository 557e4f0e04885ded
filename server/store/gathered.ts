import type { Gathering } from './gathering.ts';
import type { SqlValue, Statement, WriterSql } from './sql.ts';

type Writing = Pick<WriterSql, 'send' | 'isRemote'>;

/** Changes of single rows that the works of a group tell, and that are written together. */
export interface Gathered {
  /** Changes the row with an id, for the work that is under way. */
  gather(sql: Writing, change: Gathering, id: string, params: readonly SqlValue[]): void;
  /** Has them written, and forgets them; only where a statement looks at one of them, if it is given. */
  flush(sql: Writing, reader?: Statement, params?: readonly SqlValue[]): void;
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

export function createGathered(): Gathered {
  let kept: Told[] = [];
  let own: Told[] = [];
  let unwritten: Told[] | undefined;

  function write(sql: Writing): void {
    const all = [...kept, ...own];
    unwritten ??= kept;
    [kept, own] = [[], []];
    for (const [change, rows] of Map.groupBy(all, (told) => told.change))
      writeRows(
        sql,
        change,
        rows.map(({ params }) => params),
      );
  }

  const some = (isMeant: (told: Told) => boolean) => own.some(isMeant) || kept.some(isMeant);

  return {
    gather(sql, change, id, params) {
      if (!sql.isRemote) return sql.send(change.one, params, 1);
      // The changes of one row are written in the order in which they were told.
      if (some((told) => told.id === id)) write(sql);
      own.push({ change, id, params });
    },
    flush(sql, reader, params = []) {
      if (kept.length + own.length === 0) return;
      if (!reader || some(({ change, id }) => looksAt(reader, params, change, id))) write(sql);
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
    },
  };
}

function looksAt(
  { text, looksAt: ofRows }: Statement,
  params: readonly SqlValue[],
  { named }: Gathering,
  id: string,
): boolean {
  return ofRows ? ofRows.some((index) => params[index] === id) : named.test(text);
}

function writeRows(sql: Writing, { one, several }: Gathering, rows: readonly (readonly SqlValue[])[]): void {
  const [largest] = several.slice(-1);
  for (let from = 0; from < rows.length; from += largest?.most ?? 1) {
    const part = rows.slice(from, from + (largest?.most ?? 1));
    const [first = []] = part;
    const fitting = part.length > 1 ? several.find(({ most }) => most >= part.length) : undefined;
    if (!fitting) sql.send(one, first, 1);
    else {
      const missing = (fitting.most - part.length) * first.length;
      sql.send(fitting.statement, [...part.flat(), ...Array<null>(missing).fill(null)], part.length);
    }
  }
}
