import { createGathered, type Gathered } from './gathered.ts';
import { createKeys, type Keys } from './rowKeys.ts';
import { createMemo, type Memo } from './memo.ts';
import type { SqlValue, Statement, WriterSql } from './sql.ts';
import { createTally, type Tally } from './tally.ts';

/**
 * What the works of a group told and is not written yet, sums of counters and changes of single rows, and what they were
 * answered that still stands.
 */
export interface Pending
  extends Pick<Tally, 'add' | 'keep' | 'drop'>, Pick<Gathered, 'gather'>, Pick<Memo, 'answer' | 'know'> {
  readonly keys: Keys;
  /** Has all of it written. */
  flush(sql: WriterSql): void;
  /** Has those changes written that works which ended well have told. */
  settle(sql: WriterSql): void;
  /** What was asked is waited for: has written meanwhile what would be written later. */
  useWait(sql: WriterSql): void;
  /** A statement is carried out now: has written what it looks at, and forgets the answers that it changes. */
  prepare(sql: WriterSql, statement: Statement, params: readonly SqlValue[]): void;
}

export function createPending(): Pending {
  const tally = createTally();
  const gathered = createGathered();
  const memo = createMemo();
  const keys = createKeys();
  return {
    keys,
    add: tally.add,
    answer: memo.answer,
    know: memo.know,
    gather(sql, change, id, params) {
      memo.forget(id);
      gathered.gather(sql, change, id, params);
    },
    flush(sql) {
      gathered.flush(sql);
      tally.flush(sql);
    },
    settle(sql) {
      gathered.flush(sql);
      gathered.keep();
    },
    useWait: gathered.useWait,
    prepare(sql, statement, params) {
      gathered.flush(sql, statement, params);
      tally.flush(sql, statement);
      memo.note(statement);
    },
    keep() {
      gathered.keep();
      tally.keep();
    },
    drop() {
      gathered.drop();
      tally.drop();
      memo.clear();
      keys.forget();
    },
  };
}
