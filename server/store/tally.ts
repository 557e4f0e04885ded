import { finds } from './finds.ts';
import type { Adding, SqlValue, Statement, WriterSql } from './sql.ts';

/** What the works of a group add to counters: each sum is written once, not once for each work. */
export interface Tally {
  /** Adds to the amounts of the counter with this key, for the work that is under way. */
  add(counter: Adding, key: readonly SqlValue[], amounts: readonly number[]): void;
  /** Has the sums written, and forgets them; those alone that a statement looks at, where one is given. */
  flush(sql: Pick<WriterSql, 'send'>, reader?: Statement): void;
  /** The work has ended well. */
  keep(): void;
  /** The work is undone: nothing that it added counts, and what it had written for the others is to be written again. */
  drop(): void;
}

/** By counter, and in it by the key as a text. */
type Sums = Map<Adding, Map<string, Sum>>;

interface Sum {
  readonly key: readonly SqlValue[];
  readonly amounts: readonly number[];
}

export function createTally(): Tally {
  let kept: Sums = new Map();
  let own: Sums = new Map();
  let unwritten: Sums | undefined;
  return {
    add: (counter, key, amounts) => addTo(own, counter, JSON.stringify(key), { key, amounts }),
    flush(sql, reader) {
      const left = written(sql, kept, reader);
      if (left !== kept) unwritten ??= kept;
      kept = left;
      own = written(sql, own, reader);
    },
    keep() {
      for (const [counter, sums] of own)
        if (!kept.has(counter)) kept.set(counter, sums);
        else for (const [name, sum] of sums) addTo(kept, counter, name, sum);
      own = new Map();
      unwritten = undefined;
    },
    drop() {
      kept = unwritten ?? kept;
      own = new Map();
      unwritten = undefined;
    },
  };
}

function addTo(sums: Sums, counter: Adding, name: string, { key, amounts }: Sum): void {
  const ofCounter = sums.get(counter) ?? new Map<string, Sum>();
  sums.set(counter, ofCounter);
  const before = ofCounter.get(name)?.amounts;
  const sum = before ? amounts.map((amount, index) => amount + (before[index] ?? 0)) : amounts;
  ofCounter.set(name, { key, amounts: sum });
}

/** Gives what is left to be written: the same sums where nothing was. */
function written(sql: Pick<WriterSql, 'send'>, sums: Sums, reader: Statement | undefined): Sums {
  let left = sums;
  for (const [counter, ofCounter] of sums) {
    if (reader && !finds(counter.named, reader)) continue;
    writeSums(sql, counter, ofCounter.values());
    if (left === sums) left = new Map(sums);
    left.delete(counter);
  }
  return left;
}

function writeSums(sql: Pick<WriterSql, 'send'>, { statement, several }: Adding, sums: Iterable<Sum>): void {
  const rows: SqlValue[][] = [];
  for (const { key, amounts } of sums)
    if (amounts.some((amount) => amount !== 0)) rows.push(key.concat(amounts));
  let from = 0;
  for (; several && rows.length - from >= several.count; from += several.count)
    sql.send(several.statement, rows.slice(from, from + several.count).flat());
  for (const row of rows.slice(from)) sql.send(statement, row);
}
