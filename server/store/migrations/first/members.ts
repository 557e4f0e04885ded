import { isOneOf } from './columns.ts';

// What was wished of processes, by their names; who is not there is on. seen_at is when one was last known to be called so.
const memberWishes = `CREATE TABLE member_wishes (
  name TEXT NOT NULL PRIMARY KEY,
  wish TEXT NOT NULL CHECK ${isOneOf('wish', ['paused', 'draining'])},
  seen_at BIGINT NOT NULL
)`;

export const memberTables: readonly string[] = [memberWishes];
