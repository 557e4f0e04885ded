import type { Attempt } from '../../words/run.ts';
import type { AttemptClaim } from '../contract/runs.ts';
import { integer, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import { attemptColumns, attemptOf } from './attempts.ts';
import { type Counted, countedOf } from './courseCounts.ts';
import { later } from './later.ts';
import type { OwnLine } from './lines.ts';

/** The open line whose turn it is, or the one after it. */
const openLine = (what: string, offset = '') => `(SELECT ${what} FROM lines
      WHERE place = $1 AND open = 1 AND turn IS NOT NULL ORDER BY turn, key LIMIT 1${offset})`;
/** Those that it takes are queued: nothing is gathered for them. */
const claiming = (key: string) =>
  statement(
    `UPDATE attempts
  SET state = 'running', engine = $2, lease_id = $3, lease_expires_at = $4, started_at = $5,
    modified_at = ${later('$5')}, course = course + $6
  WHERE ${key}
  RETURNING ${attemptColumns}, origin, course, line,
    (SELECT CASE WHEN lines.limited = 1 THEN lines.job_id WHEN lines.lane <> '' THEN '' END
    FROM lines WHERE lines.key = attempts.line) AS bound_by`,
    { looksAt: [] },
  );
const claim = claiming(`key = (SELECT key FROM attempts WHERE state = 'queued' AND ready = 1
      AND line = ${openLine('key')} ORDER BY rank, key LIMIT 1)`);
// The first is always taken; more of its line where nothing has to be looked at between two, and before another line's turn.
const [turn, nextTurn] = [openLine('turn'), openLine('turn', ' OFFSET 1')];
const claimSeveral = claiming(`key IN (SELECT key FROM attempts WHERE state = 'queued' AND ready = 1
      AND line = ${openLine('key')}
      AND rank <= CASE WHEN ${nextTurn} IS NULL THEN ${Number.MAX_SAFE_INTEGER} WHEN ${nextTurn} > ${turn} THEN ${nextTurn} - 1 ELSE ${turn} END
    ORDER BY rank, key LIMIT COALESCE(${openLine(`CASE WHEN limited = 1 OR lane <> '' OR round_robin = 1 THEN 1 ELSE $7 END`)}, 0))`);
const giveBack = statement(`UPDATE attempts
  SET state = 'queued', engine = NULL, lease_id = NULL, lease_expires_at = NULL, started_at = NULL,
    course = course - $2, modified_at = queued_at WHERE key = $1`);

/** A claimed attempt, the line that it stands in, and its job's id where the line is a limited one. */
export interface TakenAttempt {
  attempt: Attempt;
  line: OwnLine;
  /** Where it is counted now. */
  listed: Counted;
  limitedJob: string | undefined;
}

/**
 * Takes the ready attempt that comes first in the open line whose turn it is, and up to `most` that come after it where the
 * line is not bound; in the order of their turns. `courseBy` is what that does to the course of each.
 */
export async function takeAttempts(
  sql: Sql,
  { place, engine, leaseId, leaseExpiresAt }: AttemptClaim,
  { courseBy, most }: { courseBy: number; most: number },
  now: number,
): Promise<TakenAttempt[]> {
  const params = [place, engine, leaseId, leaseExpiresAt, now, courseBy];
  const rows = await (most > 1 ? sql.all(claimSeveral, [...params, most]) : sql.all(claim, params));
  return rows
    .map(takenOf)
    .toSorted((a, b) => a.attempt.rank - b.attempt.rank || a.attempt.key - b.attempt.key);
}

function takenOf(row: Row): TakenAttempt {
  const boundBy = textOrNull(row, 'bound_by');
  return {
    attempt: attemptOf(row),
    line: { key: integer(row, 'line'), isBound: boundBy !== null },
    listed: countedOf(row),
    limitedJob: boundBy === null || boundBy === '' ? undefined : boundBy,
  };
}

/** Undoes that `takeAttempts` took one. */
export async function giveAttemptBack(sql: Sql, attemptKey: number, courseBy: number): Promise<void> {
  await sql.run(giveBack, [attemptKey, courseBy]);
}
