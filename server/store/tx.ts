import { attemptWrites } from './attempts.ts';
import { engineWrites } from './engines.ts';
import { executionWrites } from './executions.ts';
import { imageWrites } from './images.ts';
import { jobWrites } from './jobs.ts';
import { keyWrites } from './keys.ts';
import { lineWrites } from './lines.ts';
import { outboxWrites } from './outbox.ts';
import { inParts } from './parts.ts';
import { readParts } from './reads.ts';
import { retentionWrites } from './retention.ts';
import { runWrites } from './runs.ts';
import { sealWrites } from './sealing.ts';
import type { Transaction } from './sql.ts';
import { statsWrites } from './stats.ts';
import type { Tx } from './store.ts';

/** The changes that can be made through a connection that is in a transaction. */
export const createTx: (sql: Transaction) => Tx = inParts(
  ...readParts,
  jobWrites,
  runWrites,
  attemptWrites,
  imageWrites,
  engineWrites,
  lineWrites,
  statsWrites,
  outboxWrites,
  keyWrites,
  retentionWrites,
  executionWrites,
  sealWrites,
);
