/** One step of the schema. */
export interface Step {
  /** For both databases, in the words of SQLite; `{serial}` is an integer primary key that numbers its rows. */
  both: readonly string[];
  /** What only PostgreSQL has, in its own words: what several processes share. */
  postgres: readonly string[];
}
