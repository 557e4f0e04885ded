import { type Wish, wishes } from '../../words/wish.ts';
import { integer, oneOf, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const byName = statement('SELECT key FROM engines WHERE name = $1');
const insert = statement(
  'INSERT INTO engines (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
);

const held = statement(`SELECT name, wish FROM engines WHERE wish <> 'on'`);
const setWish = statement(`INSERT INTO engines (name, wish, created_at) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET wish = excluded.wish`);

/** The engines that are not `on`, by their names. */
export async function engineWishes(sql: Sql): Promise<Map<string, Wish>> {
  const rows = await sql.all(held, []);
  return new Map(rows.map((row) => [text(row, 'name'), oneOf(wishes, row, 'wish')]));
}

export async function setEngineWish(sql: Sql, name: string, wish: Wish, now: number): Promise<void> {
  await sql.run(setWish, [name, wish, now]);
}

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
