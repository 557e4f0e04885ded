import { type Attempt, type Place, placeFor, places } from '../../words/run.ts';
import type { HeldAttempt } from '../contract/runs.ts';
import { integer, text } from '../row.ts';
import { adding, type Row, type Sql, statement, type Transaction } from '../sql.ts';

/** Where an attempt stands in its line. */
export type Ranked = Pick<Attempt, 'rank' | 'key'>;

export type OwnLine = HeldAttempt['line'];

/** Whether a line is bound, as an expression. */
export const isBound = `CASE WHEN lines.limited = 1 OR lines.lane <> '' THEN 1 ELSE 0 END`;

/** Of a row that says so in `line` and `bound`. */
export function ownLineOf(row: Row): OwnLine {
  return { key: integer(row, 'line'), isBound: row['bound'] !== 0 };
}

/** Names a line. */
export interface LineName {
  jobId: string;
  /** The concurrency key; '' without one. */
  lane: string;
  queue: string;
  place: Place;
}

/** A line after a change of it. */
export interface Line extends LineName {
  key: number;
  limited: boolean;
  isIdle: boolean;
}

/**
 * The places of lines that limits can hold back. A child run goes as soon as an engine is free: whatever limits there
 * are, its parent has passed them and waits for it.
 */
export const limitable = places.map((one) => `'${one}'`).join(', ');
export const canBeHeld = (place: string) => `${place} IN (${limitable})`;
const ofPlatforms = statement(`SELECT DISTINCT place FROM lines
  WHERE waiting > 0 AND place NOT IN (${limitable})`);
const there = 'open = 1 AND turn IS NOT NULL';
const claimable = statement(`${places
  .map(
    (one) =>
      `SELECT '${one}' AS place WHERE EXISTS (SELECT 1 FROM lines WHERE place = '${one}' AND ${there})`,
  )
  .join(' UNION ALL ')}
  UNION ALL SELECT place FROM lines WHERE waiting > 0 AND place NOT IN (${limitable}) AND ${there} GROUP BY place`);
const remove = statement('DELETE FROM lines WHERE key = $1');
const removeOfJob = statement('DELETE FROM lines WHERE job_id = $1');

// The rank of the attempt that comes first; for round robin at least the time when the line was served. Without its table
// PostgreSQL would sort by the CASE, whose name is rank too.
const turnSince = (served: string, after = '') => `(
    SELECT CASE WHEN lines.round_robin = 1 AND rank < ${served} THEN ${served} ELSE rank END FROM attempts
    WHERE line = lines.key AND state = 'queued' AND ready = 1 ${after}
    ORDER BY attempts.rank, attempts.key LIMIT 1)`;
const line = 'key, job_id, lane, queue, place, limited, running, waiting';
const move = statement(`UPDATE lines SET waiting = waiting + $2, running = running + $3,
    turn = ${turnSince('lines.served_at')}
  WHERE key = $1 RETURNING ${line}`);
const leave = statement(`UPDATE lines SET running = running - 1 WHERE key = $1 RETURNING ${line}`);
// Later than before, also where it is served twice in a millisecond: else a line with a lower key would go first again.
const servedNow = 'CASE WHEN lines.served_at >= $2 THEN lines.served_at + 1 ELSE $2 END';
// Those before the one that was taken are gone: PostgreSQL would look at each of them again until the commit. What is
// queued after it is not gathered.
const served = (count: string) => `waiting = waiting - ${count}, served_at = ${servedNow},
    turn = ${turnSince(servedNow, 'AND (attempts.rank, attempts.key) > ($3, $4)')}`;
const serve = statement(
  `UPDATE lines SET running = running + 1, ${served('1')} WHERE key = $1 RETURNING ${line}`,
  { looksAt: [] },
);
const serveFree = statement(`UPDATE lines SET ${served('$5')} WHERE key = $1`, { looksAt: [] });
// What runs in a line without a limit decides nothing there: it is known where the column is looked at, not before.
const run = adding(/(?<!')\brunning\b(?!')/, 'UPDATE lines SET running = running + $2 WHERE key = $1');

// In a job that stopped being limited, a queue can hold its lines back all the same.
const stillLimited = `CASE WHEN $2 = 1 OR EXISTS (SELECT 1 FROM queues WHERE queues.name = lines.queue) THEN 1 ELSE 0 END`;
const reset =
  statement(`UPDATE lines SET round_robin = $3, limited = ${stillLimited}, front = 1 - ${stillLimited},
    open = 1 - ${stillLimited}, turn = (
      SELECT CASE WHEN $3 = 1 AND rank < lines.served_at THEN lines.served_at ELSE rank END FROM attempts
      WHERE line = lines.key AND state = 'queued' AND ready = 1 ORDER BY attempts.rank, attempts.key LIMIT 1),
    free = CASE WHEN lane = '' OR $4 = 0 OR $4 > (SELECT SUM(others.running) FROM lines others
      WHERE others.job_id = lines.job_id AND others.lane = lines.lane) THEN 1 ELSE 0 END
  WHERE job_id = $1 AND ${canBeHeld('place')}`);

/** The platforms that child runs wait for an engine of. */
export async function waitingPlatforms(sql: Sql): Promise<string[]> {
  const rows = await sql.all(ofPlatforms, []);
  return rows.map((row) => text(row, 'place').slice(placeFor('').length));
}

/** The places that an attempt could be claimed for. */
export async function claimablePlaces(sql: Sql): Promise<Place[]> {
  return (await sql.all(claimable, [])).map((row) => text(row, 'place') as Place);
}

/** Counts attempts that came or went, and looks again which one comes first. */
export async function moveLine(sql: Sql, key: number, waiting: number, running: number): Promise<Line> {
  return lineOf(await sql.get(move, [key, waiting, running]), key);
}

/** The attempt that came first in a line was taken. */
export async function serveLine(sql: Sql, key: number, first: Ranked, now: number): Promise<Line> {
  return lineOf(await sql.get(serve, [key, now, first.rank, first.key]), key);
}

/**
 * The same in a line that is not bound, of which so many were taken, up to the `last`: nothing follows from it, and nobody
 * waits for it.
 */
export function serveFreeLine(
  sql: Transaction,
  key: number,
  { last, count }: { last: Ranked; count: number },
  now: number,
): void {
  sql.send(serveFree, [key, now, last.rank, last.key, count]);
  sql.add(run, [key], [count]);
}

/** An attempt that ran in a line has ended. Which one comes first stays. */
export async function leaveLine(sql: Sql, key: number): Promise<Line> {
  return lineOf(await sql.get(leave, [key]), key);
}

/** The same in a line that is not bound. */
export function leaveFreeLine(sql: Transaction, key: number): void {
  sql.add(run, [key], [-1]);
}

export async function removeLine(sql: Sql, key: number): Promise<void> {
  await sql.run(remove, [key]);
}

export async function removeLinesOfJob(sql: Sql, jobId: string): Promise<void> {
  await sql.run(removeOfJob, [jobId]);
}

/** Makes all lines of a job fit what it says now; where they are limited, their gates are closed until somebody opens them. */
export async function resetLines(
  sql: Sql,
  jobId: string,
  job: { limited: boolean; roundRobin: boolean; maxPerLane: number },
): Promise<void> {
  await sql.run(reset, [jobId, Number(job.limited), Number(job.roundRobin), job.maxPerLane]);
}

function lineOf(row: Row | undefined, key: number): Line {
  if (!row) throw new Error(`the line ${key} is gone`);
  return {
    key,
    jobId: text(row, 'job_id'),
    lane: text(row, 'lane'),
    queue: text(row, 'queue'),
    place: text(row, 'place') as Place,
    limited: integer(row, 'limited') === 1,
    isIdle: integer(row, 'running') === 0 && integer(row, 'waiting') === 0,
  };
}
