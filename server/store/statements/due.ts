import { integerOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const first = (column: string, table: string, where: string) =>
  `(SELECT ${column} FROM ${table} WHERE ${where} ORDER BY ${column} LIMIT 1)`;

const next = statement(`SELECT
  ${first('scheduled_at', 'runs', `state = 'delayed' AND scheduled_at IS NOT NULL`)} AS delayed,
  ${first('expires_at', 'runs', 'expires_at IS NOT NULL AND started_at IS NULL AND completed_at IS NULL')} AS expiring,
  ${first('available_at', 'attempts', `state = 'queued' AND ready = 0`)} AS retrying,
  ${first('reopens_at', 'jobs', 'reopens_at IS NOT NULL')} AS reopening`);

/** The next moment at which time alone changes something. */
export async function nextDueAt(sql: Sql): Promise<number | undefined> {
  const row = await sql.get(next, []);
  if (!row) return undefined;
  const times = ['delayed', 'expiring', 'retrying', 'reopening'].map((column) => integerOrNull(row, column));
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}
