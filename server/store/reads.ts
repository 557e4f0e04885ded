import { attemptReads } from './attempts.ts';
import { jobReads } from './jobs.ts';
import { keyReads } from './keys.ts';
import { lineReads } from './lines.ts';
import { outboxReads } from './outbox.ts';
import { runReads } from './runs.ts';
import type { Sql } from './sql.ts';
import { ping } from './statements/meta.ts';
import { statsReads } from './stats.ts';
import type { Reads } from './store.ts';

/** The questions that can be asked through one connection. */
export function createReads(sql: Sql): Reads {
  return {
    ...jobReads(sql),
    ...runReads(sql),
    ...attemptReads(sql),
    ...lineReads(sql),
    ...statsReads(sql),
    ...outboxReads(sql),
    ...keyReads(sql),
    ping: () => ping(sql),
  };
}
