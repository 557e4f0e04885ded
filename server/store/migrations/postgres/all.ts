import { allowanceTables } from './allowances.ts';
import { callTables } from './calls.ts';
import { logTables } from './logs.ts';
import { memberTables } from './members.ts';
import { noteTables } from './notes.ts';

/** What several processes on one PostgreSQL share beside the tables of every store. */
export const firstOfPostgres: readonly string[] = [
  ...memberTables,
  ...allowanceTables,
  ...callTables,
  ...noteTables,
  ...logTables,
];
