import type { Attempt, Run } from '../../words/run.ts';
import type { AttemptClaim } from '../contract/runs.ts';
import { type Sql, statement } from '../sql.ts';
import { isBound, type OwnLine, ownLineOf } from './lines.ts';
import { runColumns, runOf } from './runs.ts';

// Of those that were claimed in the same millisecond, it is most often the last one.
const claimed = statement(`SELECT ${runColumns} FROM runs WHERE id = (
    SELECT run_id FROM attempts WHERE state = 'running' AND lease_expires_at = $1 AND lease_id = $2
    ORDER BY key DESC LIMIT 1)`);

const held = statement(`SELECT ${runColumns}, (SELECT line FROM attempts WHERE id = $1) AS line,
    (SELECT ${isBound} FROM lines WHERE lines.key = (SELECT line FROM attempts WHERE id = $1)) AS bound
  FROM runs WHERE id = (
    SELECT run_id FROM attempts WHERE id = $1 AND lease_id = $2 AND state || '' = 'running')`);

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
): Promise<{ run: Run; line: OwnLine } | undefined> {
  const row = await sql.get(held, [id, leaseId]);
  return row && { run: runOf(row), line: ownLineOf(row) };
}
