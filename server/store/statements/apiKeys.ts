import type { ApiKey, ApiKeyPage, NewApiKey } from '../contract/keys.ts';
import { integer, integerOrNull, json, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const select = `SELECT key, id, project, name, hint, scopes, created_by, created_at, expires_at, revoked_at, rotated_to,
    last_used_at
  FROM api_keys`;
const maxKey = 2_147_483_647;
/** The last time that JavaScript has. */
const endOfTime = 8.64e15;

const byId = statement(`${select} WHERE id = $1`);
const byHash = statement(`${select} WHERE hash = $1`);
const ofAll = statement(`${select} WHERE key < $1 AND created_at < $2
  ORDER BY key DESC LIMIT $3`);
const ofProject = statement(`${select} WHERE project = $1 AND key < $2 AND created_at < $3
  ORDER BY key DESC LIMIT $4`);
const insert = statement(`INSERT INTO api_keys
    (id, project, name, hint, hash, scopes, created_by, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`);
const revoke = statement('UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL');
// A key that ends sooner by itself still does.
const rotate = statement(`UPDATE api_keys SET rotated_to = $2,
    expires_at = CASE WHEN expires_at < $3 THEN expires_at ELSE $3 END
  WHERE id = $1 AND revoked_at IS NULL AND rotated_to IS NULL`);
const touch = statement(`UPDATE api_keys SET last_used_at = $2
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`);

export async function apiKeyById(sql: Sql, id: string): Promise<ApiKey | undefined> {
  const row = await sql.get(byId, [id]);
  return row && apiKeyOf(row);
}

export async function apiKeyByHash(sql: Sql, hash: string): Promise<ApiKey | undefined> {
  const row = await sql.get(byHash, [hash]);
  return row && apiKeyOf(row);
}

export async function listApiKeys(
  sql: Sql,
  project: string | undefined,
  { beforeKey = maxKey, createdBefore = endOfTime, limit }: ApiKeyPage,
): Promise<ApiKey[]> {
  const rows =
    project === undefined
      ? await sql.all(ofAll, [beforeKey, createdBefore, limit])
      : await sql.all(ofProject, [project, beforeKey, createdBefore, limit]);
  return rows.map(apiKeyOf);
}

export async function insertApiKey(sql: Sql, made: NewApiKey): Promise<ApiKey> {
  const { id, project, name, hint, hash, scopes, createdBy, createdAt, expiresAt } = made;
  const values = [id, project, name, hint, hash, JSON.stringify(scopes), createdBy, createdAt, expiresAt];
  await sql.run(insert, values);
  const key = await apiKeyById(sql, id);
  if (!key) throw new Error(`the api key ${id} was not inserted`);
  return key;
}

export async function revokeApiKey(sql: Sql, id: string, now: number): Promise<boolean> {
  return (await sql.run(revoke, [id, now])) > 0;
}

export async function rotateApiKey(
  sql: Sql,
  id: string,
  successorId: string,
  until: number,
): Promise<boolean> {
  return (await sql.run(rotate, [id, successorId, until])) > 0;
}

export async function touchApiKeys(sql: Sql, used: ReadonlyMap<string, number>): Promise<void> {
  for (const [id, at] of used) await sql.run(touch, [id, at]);
}

function apiKeyOf(row: Row): ApiKey {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    project: textOrNull(row, 'project'),
    name: text(row, 'name'),
    hint: text(row, 'hint'),
    scopes: json(row, 'scopes') as string[],
    createdBy: textOrNull(row, 'created_by'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integerOrNull(row, 'expires_at'),
    revokedAt: integerOrNull(row, 'revoked_at'),
    rotatedTo: textOrNull(row, 'rotated_to'),
    lastUsedAt: integerOrNull(row, 'last_used_at'),
  };
}
