import { places } from '../../words/run.ts';
import { agingStepMs } from '../../words/rank.ts';
import { integer, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

// What says that it is from later than now was written before the clock was set back. Nobody is to wait until the clock
// comes by there again: it counts as if it had just been written.

/** A reading of the clock may be a little older than another one that was written before it. */
export const slackMs = 60_000;

const queueAgain = (ready: 0 | 1, column: string) =>
  statement(`UPDATE attempts SET ready = 1, rank = CAST($1 AS BIGINT) - priority * ${agingStepMs} WHERE key IN
    (SELECT key FROM attempts WHERE state = 'queued' AND ready = ${ready} AND ${column} > $2 LIMIT $3)
  RETURNING line`);
const endPause = queueAgain(0, 'available_at');
const rerank = queueAgain(1, 'rank');
const unserve = statement(`UPDATE lines SET served_at = $1 WHERE key IN
    (SELECT key FROM lines WHERE place = $2 AND open = 1 AND turn > $3 AND served_at > $3 LIMIT $4)
  RETURNING key`);
const jobs = statement('SELECT id FROM jobs WHERE reopens_at > $1 ORDER BY reopens_at LIMIT $2');

/** The lines, each as often as something in it had to be brought back. */
export async function bringBack(
  sql: Sql,
  now: number,
  longestPauseMs: number,
  limit: number,
): Promise<number[]> {
  const late = await sql.all(endPause, [now, now + longestPauseMs, limit]);
  const behind = await sql.all(rerank, [now, now + slackMs, limit]);
  const served = [];
  for (const place of places) served.push(...(await sql.all(unserve, [now, place, now + slackMs, limit])));
  return [
    ...[...late, ...behind].map((row) => integer(row, 'line')),
    ...served.map((row) => integer(row, 'key')),
  ];
}

/** Jobs whose gates time opens later than after any window from now. */
export async function jobsClosedTooLong(
  sql: Sql,
  now: number,
  longestWindowMs: number,
  limit: number,
): Promise<string[]> {
  const rows = await sql.all(jobs, [now + slackMs + longestWindowMs, limit]);
  return rows.map((row) => text(row, 'id'));
}
