import type { Request, Response } from 'express';
import type { Room } from '../../../room/room.ts';
import { findExecution } from '../executions/find.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { executionStatus, isFinished } from '../present/statuses.ts';
import { entriesIn, entryStreams, type Wanted } from './entries.ts';
import { type LineRange, rangeOf } from './range.ts';
import { sendChunks } from './send.ts';

/** `GET /job-executions/{id}/logs/`: all that was written so far. It costs the memory of a few lines. */
export async function sendLogs(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const execution = await findExecution(room, request, response);
  const [shown] = await show([execution]);
  const head = {
    ...shown,
    is_finished: isFinished(executionStatus(execution.attempt.state)),
  };
  const range = await rangeOf(room, execution);
  response.type('json');
  const wanted = { runId: execution.run.id, isGone: () => response.destroyed };
  await sendChunks(response, logsJson(room, wanted, head, range));
}

/** The log is read once for each stream: one of them would have to be kept in memory else. */
async function* logsJson(room: Room, wanted: Wanted, head: object, range: LineRange): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const stream of entryStreams) {
    yield `,"${stream}":"`;
    for await (const entries of entriesIn(room, wanted, range)) {
      const text = entries.filter((entry) => entry.stream === stream).map((entry) => `${entry.text}\n`);
      yield JSON.stringify(text.join('')).slice(1, -1);
    }
    yield '"';
  }
  yield '}';
}
