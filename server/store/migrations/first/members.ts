import { isOneOf } from './columns.ts';

// What was wished of processes, by their names; who is not there is on.
const memberWishes = `CREATE TABLE member_wishes (
  name TEXT NOT NULL PRIMARY KEY,
  wish TEXT NOT NULL CHECK ${isOneOf('wish', ['paused', 'draining'])}
)`;

export const memberTables: readonly string[] = [memberWishes];
