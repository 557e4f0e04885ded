import { integer } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const byName = statement('SELECT key FROM engines WHERE name = $1');
const insert = statement(
  'INSERT INTO engines (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
);

/** The integer key of an engine's name, made on first use. */
export async function ensureEngine(sql: Sql, name: string, now: number): Promise<number> {
  const found = await engineKey(sql, name);
  if (found !== undefined) return found;
  await sql.run(insert, [name, now]);
  const made = await engineKey(sql, name);
  if (made === undefined) throw new Error(`the engine ${name} has no row`);
  return made;
}

async function engineKey(sql: Sql, name: string): Promise<number | undefined> {
  const row = await sql.get(byName, [name]);
  return row && integer(row, 'key');
}
