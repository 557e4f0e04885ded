import { rankOf } from '../words/rank.ts';
import { placeOf, type Run } from '../words/run.ts';
import type { Sql } from './sql.ts';
import { insertAttempt } from './statements/attempts.ts';
import { type JoinedLine, joinLine, type LineName, makeLine } from './statements/lines.ts';

export interface Birth {
  id: string;
  number: number;
  priority: number;
  /** Now. */
  queuedAt: number;
  availableAt: number;
}

/** Inserts an attempt of a run that is queued, and counts it in its line; gives that line. */
export async function queueAttempt(
  sql: Sql,
  run: Pick<Run, 'id' | 'jobId' | 'kind' | 'queue' | 'concurrencyKey'>,
  birth: Birth,
): Promise<JoinedLine> {
  const { priority, queuedAt, availableAt } = birth;
  const place = { rank: rankOf(priority, availableAt), ready: availableAt <= queuedAt };
  const name = { jobId: run.jobId, lane: run.concurrencyKey ?? '', queue: run.queue };
  const line = (await joinLine(sql, name, place)) ?? (await joinNewLine(sql, run, name, place));
  await insertAttempt(sql, { ...birth, ...place, runId: run.id }, line.key);
  return line;
}

async function joinNewLine(
  sql: Sql,
  { id, kind }: Pick<Run, 'id' | 'kind'>,
  name: LineName,
  place: { rank: number; ready: boolean },
): Promise<JoinedLine> {
  await makeLine(sql, name, placeOf(kind));
  const line = await joinLine(sql, name, place);
  if (!line) throw new Error(`the job ${name.jobId} has no line for the run ${id}`);
  return line;
}
