import { attemptTables } from './attempts.ts';
import { jobTables } from './jobs.ts';
import { keyTables } from './keys.ts';
import { memberTables } from './members.ts';
import { lineTables } from './lines.ts';
import { outboxTables } from './outbox.ts';
import { runTables } from './runs.ts';
import { statsTables } from './stats.ts';

/** Everything that the first version of the store keeps. */
export const first: readonly string[] = [
  ...jobTables,
  ...runTables,
  ...lineTables,
  ...attemptTables,
  ...statsTables,
  ...outboxTables,
  ...keyTables,
  ...memberTables,
];
