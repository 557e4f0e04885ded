import { integer, integerOrNull, text } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement } from '../sql.ts';
import { canBeHeld, type Line, type LineName } from './lines.ts';

/** A line that an attempt came into. */
export interface JoinedLine extends Line {
  /** Whether it is the next one there that may go. Where it is not, no gate can open or close because of it. */
  comesFirst: boolean;
}

/** Where an attempt comes to stand in a line. */
export interface Joining {
  rank: number;
  ready: boolean;
}

export type Arriving = LineName & Joining;

// Whatever comes into the lines of a job that is held back opens none of them.
const mayGo = `(limited = 0 OR EXISTS (
    SELECT 1 FROM jobs WHERE jobs.id = lines.job_id AND jobs.enabled = 1 AND jobs.paused = 0))`;
// Gates of a new line that is limited are closed until somebody opens them.
const isLimited = `CASE WHEN ${canBeHeld('$4')}
    AND (jobs.limited = 1 OR EXISTS (SELECT 1 FROM queues WHERE queues.name = $3)) THEN 1 ELSE 0 END`;
const making = (
  waiting: number,
  turn: string,
) => `INSERT INTO lines (job_id, lane, queue, place, round_robin, limited,
    free, front, open, running, waiting, turn, served_at)
  SELECT id, $2, $3, $4, CASE WHEN ${canBeHeld('$4')} THEN round_robin ELSE 0 END, ${isLimited}, 1, 1 - ${isLimited},
      1 - ${isLimited}, 0, ${waiting}, ${turn}, NULL
    FROM jobs WHERE id = $1`;
const make = statement(`${making(1, 'CASE WHEN $6 = 1 THEN CAST($5 AS BIGINT) END')}
  RETURNING key, limited, CASE WHEN turn IS NOT NULL AND ${mayGo} THEN 1 ELSE 0 END AS comes_first`);
const makeEmpty = statement(
  `${making(0, 'NULL')} AND removed_at IS NULL ON CONFLICT (job_id, lane, queue, place) DO NOTHING`,
);

// Of an attempt that comes into a line only the rank matters: what else waits there need not be looked at.
const rankHere = (rank: string) =>
  `CASE WHEN round_robin = 1 AND ${rank} < served_at THEN served_at ELSE ${rank} END`;
const joined = (rank: string, ready: string) => `waiting = waiting + 1,
    turn = CASE WHEN ${ready} = 0 OR turn <= ${rankHere(rank)} THEN turn ELSE ${rankHere(rank)} END`;
const join = statement(`UPDATE lines SET ${joined('$5', '$6')}
  WHERE job_id = $1 AND lane = $2 AND queue = $3 AND place = $4
  RETURNING key, limited, CASE WHEN $6 = 1 AND turn = ${rankHere('$5')} AND ${mayGo} THEN 1 ELSE 0 END AS comes_first`);

/** Arrivals that one statement counts where there are that many. */
const together = 8;
const width = 6;

// The first row says of what types the columns are. What a database returns is of the lines alone, so that what comes
// first is for us to say. The list is for one that knows nothing of its rows: it would go through all lines.
const joinSeveral = statement(`UPDATE lines SET ${joined('arrivals.column5', 'arrivals.column6')}
  FROM (VALUES ${Array.from({ length: together }, (_, row) => `(${columnsOf(row).join(', ')})`).join(', ')}) AS arrivals
  WHERE job_id = arrivals.column1 AND lane = arrivals.column2 AND queue = arrivals.column3 AND place = arrivals.column4
    AND job_id IN (${Array.from({ length: together }, (_, row) => `$${row * width + 1}`).join(', ')})
  RETURNING key, job_id, limited, turn, CASE WHEN round_robin = 1 THEN served_at END AS served_at,
    CASE WHEN ${mayGo} THEN 1 ELSE 0 END AS may_go`);

function columnsOf(row: number): string[] {
  const params = Array.from({ length: width }, (_, column) => `$${row * width + column + 1}`);
  return row > 0
    ? params
    : params.map((param, column) => `CAST(${param} AS ${column < 4 ? 'TEXT' : 'BIGINT'})`);
}

/** Makes a line of a job for the first attempt that comes into it. */
export async function makeLine(sql: Sql, arriving: Arriving): Promise<JoinedLine> {
  const row = await sql.get(make, paramsOf(arriving));
  if (!row) throw new Error(`the job ${arriving.jobId} is gone: it gets no line`);
  return joinedLine(arriving, row, integer(row, 'comes_first') === 1);
}

/** Makes the line before there is an attempt, unless it is there, or its job is not. */
export async function makeEmptyLine(sql: Sql, { jobId, lane, queue, place }: LineName): Promise<void> {
  await sql.run(makeEmpty, [jobId, lane, queue, place]);
}

/** Counts an attempt that comes into a line; undefined where there is no such line yet. */
export async function joinLine(sql: Sql, arriving: Arriving): Promise<JoinedLine | undefined> {
  const row = await sql.get(join, paramsOf(arriving));
  return row && joinedLine(arriving, row, integer(row, 'comes_first') === 1);
}

/** The same for many, in their order: all are asked for before the first answer is waited for. */
export async function joinLines(
  sql: Sql,
  arriving: readonly Arriving[],
): Promise<(JoinedLine | undefined)[]> {
  // Rows are told apart by their jobs.
  const full = new Set(arriving.map(({ jobId }) => jobId)).size < arriving.length ? 0 : arriving.length;
  const answers: Promise<(JoinedLine | undefined)[]>[] = [];
  let from = 0;
  for (; from + together <= full; from += together)
    answers.push(joinTogether(sql, arriving.slice(from, from + together)));
  answers.push(Promise.all(arriving.slice(from).map((one) => joinLine(sql, one))));
  return (await Promise.all(answers)).flat();
}

async function joinTogether(sql: Sql, arriving: readonly Arriving[]): Promise<(JoinedLine | undefined)[]> {
  const rows = await sql.all(joinSeveral, arriving.flatMap(paramsOf));
  const rowOf = new Map(rows.map((row) => [text(row, 'job_id'), row]));
  return arriving.map((one) => {
    const row = rowOf.get(one.jobId);
    return row && joinedLine(one, row, comesFirst(one, row));
  });
}

function comesFirst({ rank, ready }: Joining, row: Row): boolean {
  const turn = integerOrNull(row, 'turn');
  return ready && turn === Math.max(rank, integerOrNull(row, 'served_at') ?? rank) && row['may_go'] === 1;
}

function paramsOf({ jobId, lane, queue, place, rank, ready }: Arriving): SqlValue[] {
  return [jobId, lane, queue, place, rank, Number(ready)];
}

function joinedLine({ jobId, lane, queue, place }: LineName, row: Row, isFirst: boolean): JoinedLine {
  const limited = integer(row, 'limited') === 1;
  return { jobId, lane, queue, place, key: integer(row, 'key'), limited, comesFirst: isFirst, isIdle: false };
}
