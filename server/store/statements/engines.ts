import { type Wish, wishes } from '../../words/wish.ts';
import type { Wishes } from '../contract/engines.ts';
import { integer, integerOrNull, oneOf, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const byName = statement('SELECT key FROM engines WHERE name = $1');
const insert = statement(
  'INSERT INTO engines (name, created_at, seen_at) VALUES ($1, $2, $2) ON CONFLICT (name) DO NOTHING',
);

const told = statement(`SELECT name, wish, pardoned_at FROM engines
  WHERE wish <> 'on' OR pardoned_at IS NOT NULL`);
const setWish =
  statement(`INSERT INTO engines (name, wish, pardoned_at, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)
  ON CONFLICT (name) DO UPDATE SET wish = excluded.wish, seen_at = excluded.seen_at,
    pardoned_at = COALESCE(excluded.pardoned_at, engines.pardoned_at)`);

/** The engines that are not `on`, and when each was last told to be, by their names. */
export async function engineWishes(sql: Sql): Promise<Pick<Wishes, 'engines' | 'pardons'>> {
  const engines = new Map<string, Wish>();
  const pardons = new Map<string, number>();
  for (const row of await sql.all(told, [])) {
    const [name, wish, pardonedAt] = [
      text(row, 'name'),
      oneOf(wishes, row, 'wish'),
      integerOrNull(row, 'pardoned_at'),
    ];
    if (wish !== 'on') engines.set(name, wish);
    if (pardonedAt !== null) pardons.set(name, pardonedAt);
  }
  return { engines, pardons };
}

export async function setEngineWish(sql: Sql, name: string, wish: Wish, now: number): Promise<void> {
  await sql.run(setWish, [name, wish, wish === 'on' ? now : null, now]);
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
