import { integer, integerOrNull } from '../row.ts';
import { adding, statement, type Transaction } from '../sql.ts';
import type { Arriving, JoinedLine } from './joining.ts';

const find = statement(
  'SELECT key, limited, turn FROM lines WHERE job_id = $1 AND lane = $2 AND queue = $3 AND place = $4',
  { standsUntil: /\b(turn|limited) =|\b(INTO|DELETE FROM) lines\b/ },
);
const joinBehind = adding(/(?<!')\bwaiting\b(?!')/, 'UPDATE lines SET waiting = waiting + $2 WHERE key = $1');

/**
 * Counts an attempt that comes into a line behind others, at the latest before the commit: no gate can open or close because
 * of it. Undefined, and nothing counted, where it would come first, or where there is no such line yet.
 */
export async function joinLineBehind(sql: Transaction, arriving: Arriving): Promise<JoinedLine | undefined> {
  const { jobId, lane, queue, place, rank, ready } = arriving;
  const row = await sql.get(find, [jobId, lane, queue, place]);
  if (!row) return undefined;
  const turn = integerOrNull(row, 'turn');
  if (ready && (turn === null || rank < turn)) return undefined;
  const key = integer(row, 'key');
  sql.add(joinBehind, [key], [1]);
  const limited = integer(row, 'limited') === 1;
  return { jobId, lane, queue, place, key, limited, comesFirst: false, isIdle: false };
}
