import { attemptReads } from './attempts.ts';
import { engineReads } from './engines.ts';
import { figureReads } from './figures.ts';
import { executionReads } from './executions.ts';
import { imageReads } from './images.ts';
import { jobReads } from './jobs.ts';
import { keyReads } from './keys.ts';
import { lineReads } from './lines.ts';
import { outboxReads } from './outbox.ts';
import { inParts } from './parts.ts';
import { retentionReads } from './retention.ts';
import { runReads } from './runs.ts';
import type { Sql } from './sql.ts';
import { ping } from './statements/meta.ts';
import { statsReads } from './stats.ts';
import type { Reads } from './store.ts';

/** What `createReads` is made of. */
export const readParts = [
  jobReads,
  runReads,
  attemptReads,
  executionReads,
  imageReads,
  engineReads,
  lineReads,
  statsReads,
  outboxReads,
  keyReads,
  retentionReads,
  figureReads,
  (sql: Sql) => ({ ping: () => ping(sql) }),
] as const;

/** The questions that can be asked through one connection. */
export const createReads: (sql: Sql) => Reads = inParts(...readParts);
