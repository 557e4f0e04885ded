import type { Place } from '../../words/run.ts';
import { integer, text } from '../row.ts';
import { type Row, type Sql, statement, type Transaction } from '../sql.ts';

/** Names a line. */
export interface LineName {
  jobId: string;
  /** The concurrency key; '' without one. */
  lane: string;
  queue: string;
}

/** A line after a change of it. */
export interface Line extends LineName {
  key: number;
  limited: boolean;
  isIdle: boolean;
}

// Gates of a new line that is limited are closed until somebody opens them.
const isLimited = `CASE WHEN jobs.limited = 1 OR EXISTS (SELECT 1 FROM queues WHERE queues.name = $3) THEN 1 ELSE 0 END`;
const make =
  statement(`INSERT INTO lines (job_id, lane, queue, place, round_robin, limited, free, front, open,
    running, waiting, turn, served_at)
  SELECT id, $2, $3, $4, round_robin, ${isLimited}, 1, 1 - ${isLimited}, 1 - ${isLimited}, 0, 0, NULL, NULL
    FROM jobs WHERE id = $1`);
const remove = statement('DELETE FROM lines WHERE key = $1');
const removeOfJob = statement('DELETE FROM lines WHERE job_id = $1');

// The rank of the attempt that comes first; for round robin at least the time when the line was served. Without its table
// PostgreSQL would sort by the CASE, whose name is rank too.
const turnSince = (served: string) => `(
    SELECT CASE WHEN lines.round_robin = 1 AND rank < ${served} THEN ${served} ELSE rank END FROM attempts
    WHERE line = lines.key AND state = 'queued' AND ready = 1 ORDER BY attempts.rank, attempts.key LIMIT 1)`;
// Of an attempt that comes into a line only the rank matters: what else waits there need not be looked at.
const rankHere = 'CASE WHEN round_robin = 1 AND $4 < served_at THEN served_at ELSE $4 END';
const join = statement(`UPDATE lines SET waiting = waiting + 1,
    turn = CASE WHEN $5 = 0 OR turn <= ${rankHere} THEN turn ELSE ${rankHere} END
  WHERE job_id = $1 AND lane = $2 AND queue = $3
  RETURNING key, limited, CASE WHEN $5 = 1 AND turn = ${rankHere} THEN 1 ELSE 0 END AS comes_first`);
const line = 'key, job_id, lane, queue, limited, running, waiting';
const move = statement(`UPDATE lines SET waiting = waiting + $2, running = running + $3,
    turn = ${turnSince('lines.served_at')}
  WHERE key = $1 RETURNING ${line}`);
// Later than before, also where it is served twice in a millisecond: else a line with a lower key would go first again.
const servedNow = 'CASE WHEN lines.served_at >= $2 THEN lines.served_at + 1 ELSE $2 END';
const serve =
  statement(`UPDATE lines SET waiting = waiting - 1, running = running + 1, served_at = ${servedNow},
    turn = ${turnSince(servedNow)}
  WHERE key = $1 RETURNING ${line}`);

// In a job that stopped being limited, a queue can hold its lines back all the same.
const stillLimited = `CASE WHEN $2 = 1 OR EXISTS (SELECT 1 FROM queues WHERE queues.name = lines.queue) THEN 1 ELSE 0 END`;
const reset =
  statement(`UPDATE lines SET round_robin = $3, limited = ${stillLimited}, front = 1 - ${stillLimited},
    open = 1 - ${stillLimited}, turn = (
      SELECT CASE WHEN $3 = 1 AND rank < lines.served_at THEN lines.served_at ELSE rank END FROM attempts
      WHERE line = lines.key AND state = 'queued' AND ready = 1 ORDER BY attempts.rank, attempts.key LIMIT 1),
    free = CASE WHEN lane = '' OR $4 = 0 OR $4 > (SELECT SUM(others.running) FROM lines others
      WHERE others.job_id = lines.job_id AND others.lane = lines.lane) THEN 1 ELSE 0 END
  WHERE job_id = $1`);

/** Makes a line of a job on its first use. */
export async function makeLine(sql: Sql, { jobId, lane, queue }: LineName, place: Place): Promise<void> {
  await sql.run(make, [jobId, lane, queue, place]);
}

/** A line that an attempt came into. */
export interface JoinedLine extends Line {
  /** Whether it is the next one there. Where it is not, no gate can open or close because of it. */
  comesFirst: boolean;
}

/** Counts an attempt that comes into a line; undefined where there is no such line yet. */
export async function joinLine(
  sql: Sql,
  name: LineName,
  { rank, ready }: { rank: number; ready: boolean },
): Promise<JoinedLine | undefined> {
  const { jobId, lane, queue } = name;
  const row = await sql.get(join, [jobId, lane, queue, rank, Number(ready)]);
  if (!row) return undefined;
  const [limited, comesFirst] = [integer(row, 'limited') === 1, integer(row, 'comes_first') === 1];
  return { ...name, key: integer(row, 'key'), limited, comesFirst, isIdle: false };
}

/** Counts attempts that came or went, and looks again which one comes first. */
export async function moveLine(sql: Sql, key: number, waiting: number, running: number): Promise<Line> {
  return lineOf(await sql.get(move, [key, waiting, running]), key);
}

/** The attempt that came first in a line was taken. */
export async function serveLine(sql: Sql, key: number, now: number): Promise<Line> {
  return lineOf(await sql.get(serve, [key, now]), key);
}

/** The same without waiting for it. */
export function sendServeLine(sql: Transaction, key: number, now: number): void {
  sql.send(serve, [key, now]);
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
    limited: integer(row, 'limited') === 1,
    isIdle: integer(row, 'running') === 0 && integer(row, 'waiting') === 0,
  };
}
