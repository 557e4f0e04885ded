import { type Wish, wishes } from '../../words/wish.ts';
import { oneOf, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const insert = statement('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING');
const upsert = statement(`INSERT INTO meta (name, value) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
const byName = statement('SELECT value FROM meta WHERE name = $1');

/** The store's own id: `candidate` where it has none yet. */
export function ensureStoreId(sql: Sql, candidate: string): Promise<string> {
  return ensure(sql, 'store_id', candidate);
}

export function ensureSealMark(sql: Sql, mark: string): Promise<string> {
  return ensure(sql, 'seal', mark);
}

/** What is written once, and then stays. */
async function ensure(sql: Sql, name: string, candidate: string): Promise<string> {
  await sql.run(insert, [name, candidate]);
  const row = await sql.get(byName, [name]);
  if (!row) throw new Error(`the store has no ${name}`);
  return text(row, 'value');
}

export async function serverWish(sql: Sql): Promise<Wish> {
  const row = await sql.get(byName, ['wish']);
  return row ? oneOf(wishes, row, 'value') : 'on';
}

export async function setServerWish(sql: Sql, wish: Wish): Promise<void> {
  await sql.run(upsert, ['wish', wish]);
}

/** Throws where the database does not answer. */
export async function ping(sql: Sql): Promise<void> {
  await sql.get(byName, ['store_id']);
}
