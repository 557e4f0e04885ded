import { type Wish, wishes } from '../../words/wish.ts';
import { oneOf, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const held = statement('SELECT name, wish FROM member_wishes');
const setWish = statement(`INSERT INTO member_wishes (name, wish, seen_at) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET wish = excluded.wish, seen_at = excluded.seen_at`);
const clear = statement('DELETE FROM member_wishes WHERE name = $1');

/** The members that are not `on`, by their names. */
export async function memberWishes(sql: Sql): Promise<Map<string, Wish>> {
  const rows = await sql.all(held, []);
  return new Map(rows.map((row) => [text(row, 'name'), oneOf(wishes, row, 'wish')]));
}

export async function setMemberWish(sql: Sql, name: string, wish: Wish, now: number): Promise<void> {
  if (wish === 'on') await sql.run(clear, [name]);
  else await sql.run(setWish, [name, wish, now]);
}
