/** What several processes on one PostgreSQL share beside the tables of every store. */
export const firstOfPostgres: readonly string[] = [];
