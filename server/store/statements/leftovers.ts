import { integer, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';
import type { Leftover } from '../contract/runs.ts';

const insert = statement(`INSERT INTO leftovers (engine, attempt_id, created_at) VALUES ($1, $2, $3)
  ON CONFLICT (engine, attempt_id) DO NOTHING`);
const ofEngine = statement(
  'SELECT engine, attempt_id, created_at FROM leftovers WHERE engine = $1 ORDER BY attempt_id',
);
const remove = statement('DELETE FROM leftovers WHERE engine = $1 AND attempt_id = $2');

export async function addLeftover(sql: Sql, leftover: Leftover): Promise<void> {
  await sql.run(insert, [leftover.engine, leftover.attemptId, leftover.createdAt]);
}

/** What may still lie on the engine, oldest attempt first. */
export async function leftoversOf(sql: Sql, engine: string): Promise<Leftover[]> {
  const rows = await sql.all(ofEngine, [engine]);
  return rows.map((row) => ({
    engine: text(row, 'engine'),
    attemptId: text(row, 'attempt_id'),
    createdAt: integer(row, 'created_at'),
  }));
}

export async function removeLeftover(sql: Sql, engine: string, attemptId: string): Promise<void> {
  await sql.run(remove, [engine, attemptId]);
}
