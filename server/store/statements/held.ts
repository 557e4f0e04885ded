import type { Attempt, Run } from '../../words/run.ts';
import type { AttemptClaim } from '../contract/runs.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Row, type Sql, type SqlValue, type Statement, statement } from '../sql.ts';
import type { Counted } from './courseCounts.ts';
import { isBound, type OwnLine, ownLineOf } from './lines.ts';
import { runColumns, runOf } from './runs.ts';
import { several } from './several.ts';

// They were queued until now: nothing is gathered for them.
const claimed = statement(
  `SELECT ${runColumns} FROM runs WHERE id IN (
    SELECT run_id FROM attempts WHERE state = 'running' AND lease_expires_at = $1 AND lease_id = $2)`,
  { looksAt: [] },
);

const heldRuns = (
  where: string,
) => `SELECT ${runColumns}, origin, held_course, held_line AS line, held_id, held_lease,
    (SELECT ${isBound} FROM lines WHERE lines.key = held_line) AS bound
  FROM (SELECT id AS held_id, lease_id AS held_lease, run_id AS held_run, line AS held_line, course AS held_course
    FROM attempts WHERE ${where} AND state || '' = 'running') held
  CROSS JOIN runs WHERE id = held_run`;
const held = statement(heldRuns('id = $1 AND lease_id = $2 AND run_id = $3'), {
  looksAt: [0, 2],
  // What is inserted is another run, another attempt, another line. What is claimed was not held.
  standsUntil: /^(UPDATE|DELETE FROM) (attempts|runs)\b|\blimited =|^DELETE FROM lines\b/,
});
const severalHeld = several((list) => heldRuns(`id IN (${list})`), [64, 16, 4]);

const adopt = statement(`UPDATE attempts SET lease_id = $4, lease_expires_at = $5
  WHERE id = $1 AND lease_id = $2 AND lease_expires_at + 0 = $3 AND state || '' = 'running'`);

/** The runs of the attempts that were claimed with a lease. */
export async function runsOfLease(
  sql: Sql,
  { leaseId, leaseExpiresAt }: Pick<AttemptClaim, 'leaseId' | 'leaseExpiresAt'>,
): Promise<Run[]> {
  return (await sql.all(claimed, [leaseExpiresAt, leaseId])).map(runOf);
}

/** The run of an attempt and the line that it stands in; undefined where it does not run under its lease any more. */
export async function runOfHeld(
  sql: Sql,
  { id, leaseId, runId }: HeldName,
): Promise<{ run: Run; line: OwnLine; listed: Counted } | undefined> {
  const row = await sql.get(held, [id, leaseId, runId]);
  if (!row) return undefined;
  const listed = { origin: integerOrNull(row, 'origin'), course: integer(row, 'held_course') };
  return { run: runOf(row), line: ownLineOf(row), listed };
}

/** Names an attempt and who holds it. */
export type HeldName = Pick<Attempt, 'id' | 'leaseId' | 'runId'>;

/** Asks at once what `runOfHeld` will be asked for each of several; gives each answer to `know`. */
export function foreseeHeld(
  sql: Sql,
  attempts: readonly HeldName[],
  know: (statement: Statement, params: readonly SqlValue[], answer: Promise<Row[]>) => void,
): void {
  const rows = severalHeld(
    sql,
    attempts.map(({ id }) => id),
  );
  for (const { id, leaseId, runId } of attempts) {
    const isMeant = (row: Row) =>
      row['held_id'] === id && row['held_lease'] === leaseId && row['id'] === runId;
    know(
      held,
      [id, leaseId, runId],
      rows.then((all) => all.filter(isMeant)),
    );
  }
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
