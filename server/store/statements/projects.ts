import { type Sql, statement } from '../sql.ts';

const insert = statement(
  'INSERT INTO projects (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
);

/** Makes the project on its first use. */
export async function ensureProject(sql: Sql, name: string, now: number): Promise<void> {
  await sql.run(insert, [name, now]);
}
