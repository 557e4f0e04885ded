import { runStates } from '../../words/run.ts';
import type { RunStanding } from '../contract/standing.ts';
import { integer, integerOrNull, oneOf, text, textOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

// Children that are no parts of a build are retries, whatever asked for them.
const standing = statement(`SELECT project, state, attempt, started_at,
    (SELECT key FROM attempts WHERE run_id = runs.id AND number = 1 AND started_at IS NOT NULL) AS first_attempt,
    CASE WHEN completed_at IS NOT NULL THEN (SELECT later.id FROM runs later
      WHERE later.parent_run_id = runs.id AND later.platform IS NULL ORDER BY later.key DESC LIMIT 1) END AS retried_as
  FROM runs WHERE id = $1 AND platform IS NULL`);

/** How a run stands; undefined where there is none, or it is a part of another one. */
export async function runStanding(sql: Sql, id: string): Promise<RunStanding | undefined> {
  const row = await sql.get(standing, [id]);
  if (!row) return undefined;
  return {
    id,
    project: text(row, 'project'),
    state: oneOf(runStates, row, 'state'),
    attempt: integer(row, 'attempt'),
    startedAt: integerOrNull(row, 'started_at'),
    firstAttempt: integerOrNull(row, 'first_attempt'),
    retriedAs: textOrNull(row, 'retried_as'),
  };
}
