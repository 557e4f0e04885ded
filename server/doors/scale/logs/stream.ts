import type { Request, Response } from 'express';
import { pathPart, queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { findExecution } from '../executions/find.ts';
import { notFound } from '../problems.ts';
import { instantOf } from '../query/instants.ts';
import { entriesIn, type Entry, lineSince } from './entries.ts';
import { formatOf } from './formats.ts';
import { rangeOf } from './range.ts';
import { sendChunks } from './send.ts';

const streams: ReadonlySet<string> = new Set(['stdout', 'stderr', 'combined']);

/**
 * `GET /job-executions/{id}/logs/{stdout|stderr|combined}/?started=`: its lines one by one, from a time on; 204 where
 * there are none.
 */
export async function sendStream(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const stream = pathPart(request, 'stream');
  if (!streams.has(stream)) throw notFound();
  const format = formatOf(request, query);
  const execution = await findExecution(room, request, response);
  const started = instantOf(query, 'started', room.now());
  const isGone = (): boolean => response.destroyed;
  const groups = ofStream(await entriesOf(room, execution, { started, isGone }), stream);
  const first = await groups.next();
  response.vary('Accept');
  if (first.done === true) {
    response.status(204).end();
    return;
  }
  try {
    response.set(format.headers ?? {}).type(format.type);
    await sendChunks(response, format.write(goingOn(first.value, groups), `scale_${execution.attempt.key}`));
  } finally {
    // Of an answer that has no body, or broke off, the log is let go too.
    await groups.return(undefined);
  }
}

async function entriesOf(
  room: Room,
  execution: Execution,
  { started, isGone }: { started: number | undefined; isGone: () => boolean },
): Promise<AsyncGenerator<Entry[]>> {
  const { id } = execution.run;
  const range = await rangeOf(room, execution);
  const from = started === undefined ? range.from : await lineSince(room, id, range, started);
  return entriesIn(room, { runId: id, isGone }, { ...range, from });
}

async function* ofStream(groups: AsyncIterable<Entry[]>, stream: string): AsyncGenerator<Entry[]> {
  for await (const entries of groups) {
    const kept = entries.filter((entry) => stream === 'combined' || entry.stream === stream);
    if (kept.length > 0) yield kept;
  }
}

async function* goingOn<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
