// What one process asks another, while it waits for the answer. Not logged: what a crash of the database loses is an error
// for whoever asked, and never worth a wait for the disk.
const calls = `CREATE UNLOGGED TABLE calls (
  id TEXT NOT NULL PRIMARY KEY,
  asker TEXT NOT NULL,
  member TEXT NOT NULL,
  kind TEXT NOT NULL,
  question TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  taken TEXT,
  answer TEXT
)`;

export const callTables: readonly string[] = [
  calls,
  'CREATE INDEX calls_by_member ON calls (member, id) WHERE answer IS NULL',
  'CREATE INDEX calls_by_asker ON calls (asker)',
];
