import { rankOf } from '../words/rank.ts';
import { placeOf, type Run } from '../words/run.ts';
import type { Sql, Transaction } from './sql.ts';
import { waiting } from './course.ts';
import { insertAttempts } from './statements/attempts.ts';
import { countAttempts } from './statements/courseCounts.ts';
import { type JoinedLine, joinLine, type Joining, type LineName, makeLine } from './statements/lines.ts';

export interface Birth {
  /** The run that is queued. */
  run: Pick<Run, 'key' | 'id' | 'jobId' | 'kind' | 'queue' | 'concurrencyKey' | 'request'>;
  /** Of the run. */
  origin: number | null;
  id: string;
  number: number;
  priority: number;
  /** Now. */
  queuedAt: number;
  availableAt: number;
}

/** Inserts attempts of runs that are queued, and counts them in their lines; gives the line of each. */
export async function queueAttempts(sql: Transaction, births: readonly Birth[]): Promise<JoinedLine[]> {
  const joined = await joinLines(sql, births);
  insertAttempts(
    sql,
    joined.map(({ birth, line }) => {
      const { id: runId, key: runKey } = birth.run;
      return { ...birth, ...placeIn(birth), runId, runKey, line: line.key };
    }),
  );
  for (const { origin } of births) countAttempts(sql, { origin, course: waiting }, 1);
  return joined.map(({ line }) => line);
}

/** Most lines are there: all are asked for before the first answer is waited for. */
async function joinLines(sql: Sql, births: readonly Birth[]): Promise<{ birth: Birth; line: JoinedLine }[]> {
  const found = await Promise.all(births.map((birth) => joinLine(sql, nameOf(birth), placeIn(birth))));
  const made = new Set<string>();
  const joined = [];
  for (const [index, birth] of births.entries())
    joined.push({ birth, line: found[index] ?? (await joinNewLine(sql, birth, made)) });
  return joined;
}

/** `made` are the lines that others of these attempts made. */
async function joinNewLine(sql: Sql, birth: Birth, made: Set<string>): Promise<JoinedLine> {
  const name = nameOf(birth);
  const text = JSON.stringify(name);
  const line = made.has(text) ? await joinLine(sql, name, placeIn(birth)) : undefined;
  made.add(text);
  return line ?? makeLine(sql, name, placeIn(birth));
}

function nameOf({ run }: Birth): LineName {
  return { jobId: run.jobId, lane: run.concurrencyKey ?? '', queue: run.queue, place: placeOf(run) };
}

function placeIn({ priority, queuedAt, availableAt }: Birth): Joining {
  return { rank: rankOf(priority, availableAt), ready: availableAt <= queuedAt };
}
