import { text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const upsert = statement(`INSERT INTO secrets (run_id, name, sealed) VALUES ($1, $2, $3)
  ON CONFLICT (run_id, name) DO UPDATE SET sealed = excluded.sealed`);
const byName = statement('SELECT sealed FROM secrets WHERE run_id = $1 AND name = $2');
const removeAll = statement('DELETE FROM secrets WHERE run_id = $1');

export async function setSecret(sql: Sql, runId: string, name: string, sealed: string): Promise<void> {
  await sql.run(upsert, [runId, name, sealed]);
}

export async function sealedSecret(sql: Sql, runId: string, name: string): Promise<string | undefined> {
  const row = await sql.get(byName, [runId, name]);
  return row && text(row, 'sealed');
}

export async function deleteSecrets(sql: Sql, runId: string): Promise<void> {
  await sql.run(removeAll, [runId]);
}
