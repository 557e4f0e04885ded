import type { RunBody } from '../../words/run.ts';
import { textOrNull } from '../row.ts';
import { inserting } from '../inserting.ts';
import { type Row, type Sql, statement, type Transaction } from '../sql.ts';

const byRun = statement('SELECT payload, output FROM run_bodies WHERE run_id = $1');
const setPayload = inserting(
  'INSERT INTO run_bodies (run_id, payload)',
  '($1, $2)',
  'ON CONFLICT (run_id) DO UPDATE SET payload = excluded.payload',
);
const setOutput = statement(`INSERT INTO run_bodies (run_id, output) VALUES ($1, $2)
  ON CONFLICT (run_id) DO UPDATE SET output = excluded.output`);

/** What each run was given and gave back, in the order of `runIds`. */
export async function bodiesOf(sql: Sql, runIds: readonly string[]): Promise<RunBody[]> {
  const rows = await sql.together((one) => Promise.all(runIds.map((id) => one.get(byRun, [id]))));
  return rows.map((row) => (row ? bodyOf(row) : { payload: null, output: null }));
}

/** Stores payloads, each with the id of its run. */
export function storePayloads(
  sql: Transaction,
  payloads: readonly (readonly [runId: string, payload: string])[],
): void {
  for (const one of payloads) {
    if (isLarge(one[1])) setPayload.send(sql, [one]);
    else sql.gather(setPayload.gathering, one[0], one);
  }
}

/** Whether a payload goes to the database by itself: several of them together would take up a lot of memory. */
export function isLarge(payload: string): boolean {
  return payload.length > 65_536;
}

export function storeOutput(sql: Transaction, runId: string, output: string): void {
  sql.send(setOutput, [runId, output]);
}

function bodyOf(row: Row): RunBody {
  return { payload: textOrNull(row, 'payload'), output: textOrNull(row, 'output') };
}
