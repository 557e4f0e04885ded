const notes = `CREATE TABLE notes (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
)`;

export const noteTables: readonly string[] = [notes];
