// The processes that have the database open, and what they tell of themselves every other second. A row takes the place of
// itself: what is read by others is in one page or two.
const members = `CREATE TABLE members (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  machine TEXT,
  report TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
) WITH (fillfactor = 50)`;

// Which daemon an engine's name stands for, as long as somebody uses it.
const heldEngines = `CREATE TABLE held_engines (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  daemon TEXT COLLATE "C" NOT NULL,
  member_name TEXT COLLATE "C" NOT NULL,
  seen_at BIGINT NOT NULL
) WITH (fillfactor = 50)`;

export const memberTables: readonly string[] = [members, heldEngines];
