import { rankOf } from '../words/rank.ts';
import { placeOf, type Run } from '../words/run.ts';
import type { Sql, Transaction } from './sql.ts';
import { waiting } from './course.ts';
import { insertAttempts } from './statements/attempts.ts';
import { countAttempts } from './statements/courseCounts.ts';
import {
  type Arriving,
  type JoinedLine,
  joinLine,
  joinLines as joinAll,
  makeLine,
} from './statements/joining.ts';
import { joinLineBehind } from './statements/joiningBehind.ts';
import type { LineName } from './statements/lines.ts';

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
    const { run, id, number, origin, priority, queuedAt, availableAt } = birth;
    const { rank, ready } = placeIn(birth);
    const line = lines[index]?.key ?? 0;
    const names = { id, runId: run.id, runKey: run.key, origin, line };
    return { ...names, number, priority, rank, ready, queuedAt, availableAt };
  });
  insertAttempts(sql, rows);
  for (const { origin } of births) countAttempts(sql, { origin, course: waiting }, 1);
}

/** Counts attempts in their lines. Most are there: only for others a line is made. */
export async function joinLines(sql: Sql, arrivals: readonly Arrival[]): Promise<JoinedLine[]> {
  const arriving = arrivals.map(arrivingOf);
  const found = await joinAll(sql, arriving);
  const made = new Set<string>();
  const joined = [];
  for (const [index, one] of arriving.entries())
    joined.push(found[index] ?? (await joinNewLine(sql, one, made)));
  return joined;
}

/** The same for one, with the counts of others of its group where none of them comes after it. */
export async function joinLaterLine(sql: Transaction, arrival: Arrival): Promise<JoinedLine> {
  const behind = await joinLineBehind(sql, arrivingOf(arrival));
  if (behind) return behind;
  const [line] = await joinLines(sql, [arrival]);
  if (!line) throw new Error('an attempt came into no line');
  return line;
}

/** `made` are the lines that others of these attempts made. */
async function joinNewLine(sql: Sql, arriving: Arriving, made: Set<string>): Promise<JoinedLine> {
  const { jobId, lane, queue, place } = arriving;
  const text = JSON.stringify([jobId, lane, queue, place]);
  const line = made.has(text) ? await joinLine(sql, arriving) : undefined;
  made.add(text);
  return line ?? makeLine(sql, arriving);
}

function arrivingOf(arrival: Arrival): Arriving {
  return { ...lineNameOf(arrival.run), ...placeIn(arrival) };
}

/** The line that an attempt of a run stands in. */
export function lineNameOf(run: Arrival['run']): LineName {
  return { jobId: run.jobId, lane: run.concurrencyKey ?? '', queue: run.queue, place: placeOf(run) };
}

function placeIn({ priority, queuedAt, availableAt }: Arrival): Pick<Arriving, 'rank' | 'ready'> {
  return { rank: rankOf(priority, availableAt), ready: availableAt <= queuedAt };
}
