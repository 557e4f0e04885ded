import type { Request, Response } from 'express';
import { type Paging, pagingOf, sendPage } from '../../../http/paging.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { LogLine } from '../../../words/logs.ts';
import { Problem } from '../../../words/problems.ts';
import type { Run } from '../../../words/run.ts';
import { timeOf } from '../present/run.ts';
import { findRun } from './findRun.ts';

const levelOf = { stdout: 'info', stderr: 'error', system: 'system' } as const;
const levels: readonly string[] = Object.values(levelOf);

/** Lines that one request looks through for those of a level. */
const mostLooked = 20_000;

/** `GET /v1/runs/{run}/events`: the lines of its log from the first on; a cursor is the number of a line. */
export async function sendEvents(room: Room, request: Request, response: Response): Promise<void> {
  const run = await findRun(room, request, response);
  const query = queryOf(request);
  const { paging, after } = placeOf(query);
  const level = query.get('level') ?? '';
  const type = query.get('type') ?? '';
  if (level !== '' && !levels.includes(level))
    throw new Problem('bad_request', `level must be one of: ${levels.join(', ')}`, { field: 'level' });
  const hasNone = (type !== '' && type !== 'log') || run.archivedAt !== null;
  const { lines, goOn } = hasNone
    ? { lines: [], goOn: undefined }
    : await linesOf(room, run, { after, level, limit: paging.limit + 1 });
  await sendPage(request, response, paging, lines, {
    present: (line) => eventJson(run, line),
    place: ({ number }) => String(number),
    goOn: goOn === undefined ? undefined : String(goOn),
  });
}

/** The log line by line, as an event each. */
export function eventJson({ id }: Pick<Run, 'id'>, { number, at, stream, text }: LogLine): object {
  return {
    id: `${id}:${number}`,
    run_id: id,
    type: 'log',
    level: levelOf[stream],
    message: text,
    created_at: timeOf(at),
  };
}

function placeOf(query: URLSearchParams): { paging: Paging; after: number } {
  const cursor = query.get('cursor');
  const rest = new URLSearchParams(query);
  rest.delete('cursor');
  const paging = pagingOf(rest);
  if (cursor === null || cursor === '') return { paging, after: 0 };
  if (!/^\d{1,10}$/.test(cursor))
    throw new Problem('bad_request', 'cursor must be the number of a line', { field: 'cursor' });
  const limit = query.has('limit') ? paging.limit : usualLimit;
  return { paging: { ...paging, limit, inPages: true }, after: Number(cursor) };
}

const usualLimit = 50;

interface Wish {
  /** Only lines behind this one. */
  after: number;
  /** Of every level where it is empty. */
  level: string;
  limit: number;
}

async function linesOf(
  { logs }: Room,
  { id }: Run,
  { after, level, limit }: Wish,
): Promise<{ lines: LogLine[]; goOn: number | undefined }> {
  const last = after + mostLooked;
  const lines: LogLine[] = [];
  for await (const group of logs.lines(id, after + 1, last)) {
    lines.push(...group.filter(({ stream }) => level === '' || levelOf[stream] === level));
    if (lines.length >= limit) return { lines: lines.slice(0, limit), goOn: undefined };
  }
  const count = (await logs.lineCount(id)) ?? 0;
  return { lines, goOn: count > last ? last : undefined };
}
