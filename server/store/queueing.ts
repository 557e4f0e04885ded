import { rankOf } from '../words/rank.ts';
import { placeOf, type Run } from '../words/run.ts';
import type { Sql, Transaction } from './sql.ts';
import { waiting } from './course.ts';
import { insertAttempts } from './statements/attempts.ts';
import { countAttempts } from './statements/courseCounts.ts';
import { type JoinedLine, joinLine, type Joining, type LineName, makeLine } from './statements/lines.ts';

/** An attempt that is queued, as far as its line is concerned. */
export interface Arrival {
  run: Pick<Run, 'jobId' | 'kind' | 'queue' | 'concurrencyKey' | 'request'>;
  priority: number;
  /** Now. */
  queuedAt: number;
  availableAt: number;
}

export interface Birth extends Arrival {
  /** The run that is queued. */
  run: Arrival['run'] & Pick<Run, 'key' | 'id'>;
  /** Of the run. */
  origin: number | null;
  id: string;
  number: number;
}

/** Inserts attempts of runs that are queued, and counts them in their lines; gives the line of each. */
export async function queueAttempts(sql: Transaction, births: readonly Birth[]): Promise<JoinedLine[]> {
  const lines = await joinLines(sql, births);
  insertBirths(sql, births, lines);
  return lines;
}

/** Inserts the attempts that were counted in these lines. */
export function insertBirths(sql: Transaction, births: readonly Birth[], lines: readonly JoinedLine[]): void {
  const rows = births.map((birth, index) => {
    const { id: runId, key: runKey } = birth.run;
    return { ...birth, ...placeIn(birth), runId, runKey, line: lines[index]?.key ?? 0 };
  });
  insertAttempts(sql, rows);
  for (const { origin } of births) countAttempts(sql, { origin, course: waiting }, 1);
}

/** Counts attempts in their lines. Most are there: all are asked for before the first answer is waited for. */
export async function joinLines(sql: Sql, arrivals: readonly Arrival[]): Promise<JoinedLine[]> {
  const found = await Promise.all(arrivals.map((one) => joinLine(sql, nameOf(one), placeIn(one))));
  const made = new Set<string>();
  const joined = [];
  for (const [index, arrival] of arrivals.entries())
    joined.push(found[index] ?? (await joinNewLine(sql, arrival, made)));
  return joined;
}

/** `made` are the lines that others of these attempts made. */
async function joinNewLine(sql: Sql, arrival: Arrival, made: Set<string>): Promise<JoinedLine> {
  const name = nameOf(arrival);
  const text = JSON.stringify(name);
  const line = made.has(text) ? await joinLine(sql, name, placeIn(arrival)) : undefined;
  made.add(text);
  return line ?? makeLine(sql, name, placeIn(arrival));
}

function nameOf({ run }: Arrival): LineName {
  return { jobId: run.jobId, lane: run.concurrencyKey ?? '', queue: run.queue, place: placeOf(run) };
}

function placeIn({ priority, queuedAt, availableAt }: Arrival): Joining {
  return { rank: rankOf(priority, availableAt), ready: availableAt <= queuedAt };
}
