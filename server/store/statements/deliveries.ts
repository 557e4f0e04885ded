import { text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const insert =
  statement(`INSERT INTO deliveries (source, delivery_id, run_id, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (source, delivery_id) DO NOTHING`);
const forget = statement('DELETE FROM deliveries WHERE created_at < $1');
const runOf = statement('SELECT run_id FROM deliveries WHERE source = $1 AND delivery_id = $2');

/** Undefined where the delivery is new and now recorded, else the run that it made the first time. */
export async function recordDelivery(
  sql: Sql,
  source: string,
  deliveryId: string,
  runId: string,
  now: number,
): Promise<string | undefined> {
  const recorded = await sql.run(insert, [source, deliveryId, runId, now]);
  if (recorded === 1) return undefined;
  const row = await sql.get(runOf, [source, deliveryId]);
  return row && text(row, 'run_id');
}

export async function forgetDeliveries(sql: Sql, before: number): Promise<void> {
  await sql.run(forget, [before]);
}
