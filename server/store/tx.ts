import { attemptWrites } from './attempts.ts';
import { jobWrites } from './jobs.ts';
import { keyWrites } from './keys.ts';
import { lineWrites } from './lines.ts';
import { outboxWrites } from './outbox.ts';
import { createReads } from './reads.ts';
import { runWrites } from './runs.ts';
import type { Transaction } from './sql.ts';
import { statsWrites } from './stats.ts';
import type { Tx } from './store.ts';

/** The changes that can be made through a connection that is in a transaction. */
export function createTx(sql: Transaction): Tx {
  return {
    ...createReads(sql),
    ...jobWrites(sql),
    ...runWrites(sql),
    ...attemptWrites(sql),
    ...lineWrites(sql),
    ...statsWrites(sql),
    ...outboxWrites(sql),
    ...keyWrites(sql),
  };
}
