import type { Attempt, Run } from '../../words/run.ts';
import type { AttemptClaim } from '../contract/runs.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';
import type { Counted } from './courseCounts.ts';
import { isBound, type OwnLine, ownLineOf } from './lines.ts';
import { runColumns, runOf } from './runs.ts';

// Of those that were claimed in the same millisecond, it is most often the last one.
const claimed = statement(`SELECT ${runColumns} FROM runs WHERE id = (
    SELECT run_id FROM attempts WHERE state = 'running' AND lease_expires_at = $1 AND lease_id = $2
    ORDER BY key DESC LIMIT 1)`);

const held = statement(`SELECT ${runColumns}, origin, held_course, held_line AS line,
    (SELECT ${isBound} FROM lines WHERE lines.key = held_line) AS bound
  FROM (SELECT run_id AS held_run, line AS held_line, course AS held_course FROM attempts
    WHERE id = $1 AND lease_id = $2 AND state || '' = 'running') held
  CROSS JOIN runs WHERE id = held_run`);

const adopt = statement(`UPDATE attempts SET lease_id = $4, lease_expires_at = $5
  WHERE id = $1 AND lease_id = $2 AND lease_expires_at + 0 = $3 AND state || '' = 'running'`);

/** The run of the attempt that was claimed with a lease. */
export async function runOfLease(
  sql: Sql,
  { leaseId, leaseExpiresAt }: Pick<AttemptClaim, 'leaseId' | 'leaseExpiresAt'>,
): Promise<Run | undefined> {
  const row = await sql.get(claimed, [leaseExpiresAt, leaseId]);
  return row && runOf(row);
}

/** The run of an attempt and the line that it stands in; undefined where it does not run under its lease any more. */
export async function runOfHeld(
  sql: Sql,
  { id, leaseId }: Pick<Attempt, 'id' | 'leaseId'>,
): Promise<{ run: Run; line: OwnLine; listed: Counted } | undefined> {
  const row = await sql.get(held, [id, leaseId]);
  if (!row) return undefined;
  const listed = { origin: integerOrNull(row, 'origin'), course: integer(row, 'held_course') };
  return { run: runOf(row), line: ownLineOf(row), listed };
}

/** Gives a running attempt another lease; false where it has not the one any more that is told of. */
export async function adoptAttempt(
  sql: Sql,
  { id, leaseId, leaseExpiresAt }: Attempt,
  newLeaseId: string,
  expiresAt: number,
): Promise<boolean> {
  return (await sql.run(adopt, [id, leaseId, leaseExpiresAt, newLeaseId, expiresAt])) === 1;
}
