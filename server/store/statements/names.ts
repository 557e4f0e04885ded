import type { EngineUses, NameKind, UnseenName } from '../contract/retention.ts';
import { integer, text, textOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const tables: Record<NameKind, string> = { member: 'member_wishes', engine: 'engines' };
const ofKinds = (textOf: (table: string) => string) => ({
  member: statement(textOf(tables.member)),
  engine: statement(textOf(tables.engine)),
});
const unseen = ofKinds(
  (table) => `SELECT name, seen_at FROM ${table} WHERE seen_at < $1 ORDER BY seen_at, name`,
);
const saw = ofKinds((table) => `UPDATE ${table} SET seen_at = $2 WHERE name = $1`);
// What was told of it, or begun with it, meanwhile is not to be forgotten.
const forget = ofKinds((table) => `DELETE FROM ${table} WHERE name = $1 AND seen_at = $2`);

const uses = {
  attempts: statement('SELECT key, engine FROM attempts WHERE key > $1 ORDER BY key LIMIT $2'),
  images: statement('SELECT key, engine FROM images WHERE key > $1 ORDER BY key LIMIT $2'),
};

/** Names of either kind that nobody was seen to have since a time, those first that were seen longest ago. */
export async function unseenNames(sql: Sql, before: number): Promise<UnseenName[]> {
  const found: UnseenName[] = [];
  for (const kind of ['member', 'engine'] as const)
    for (const row of await sql.all(unseen[kind], [before]))
      found.push({ kind, name: text(row, 'name'), seenAt: integer(row, 'seen_at') });
  return found;
}

export async function sawName(sql: Sql, kind: NameKind, name: string, now: number): Promise<void> {
  await sql.run(saw[kind], [name, now]);
}

export async function forgetName(sql: Sql, { kind, name, seenAt }: UnseenName): Promise<boolean> {
  return (await sql.run(forget[kind], [name, seenAt])) > 0;
}

export async function engineUses(
  sql: Sql,
  { by, afterKey, limit }: Parameters<EngineUses>[0],
): ReturnType<EngineUses> {
  const rows = await sql.all(uses[by], [afterKey, limit]);
  const names = new Set(rows.map((row) => textOrNull(row, 'engine')));
  const last = rows.at(-1);
  return {
    names: [...names].filter((name) => name !== null),
    nextKey: last && rows.length === limit ? integer(last, 'key') : undefined,
  };
}
