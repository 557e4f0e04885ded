import type { Request, Response } from 'express';
import { queryOf } from '../../../http/route.ts';
import { type KnownEngine, knownEngines } from '../../../room/engines/known.ts';
import type { Room } from '../../../room/room.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { sendPage } from '../paging/sendPage.ts';
import { attemptStatesOf } from '../present/statuses.ts';
import { timeOf } from '../present/times.ts';
import type { TimeRange } from '../query/instants.ts';
import { sinceOf } from '../query/since.ts';
import { nodeJson } from './list.ts';
import { runningOn } from './running.ts';

const counted = ['COMPLETED', 'FAILED', 'CANCELED'] as const;

/** `GET /nodes/status/`: how each engine did since `started`, three hours ago where nothing is said. */
export async function sendNodesStatus(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const range = sinceOf(queryOf(request), room.now());
  const nodes = (await knownEngines(room)).filter(({ seat }) => seat !== undefined);
  await sendPage(request, response, {
    count: nodes.length,
    results: (offset, limit) =>
      Promise.all(nodes.slice(offset, offset + limit).map((known) => statusOf(room, known, range, show))),
  });
}

async function statusOf(
  room: Room,
  known: KnownEngine,
  range: TimeRange,
  show: ShowExecutions,
): Promise<object> {
  const { key } = known.engine;
  const counts = await Promise.all(counted.map((status) => countOf(room, key, status, range)));
  return {
    node: nodeJson(room, known),
    is_online: known.seat?.state === 'ok',
    job_exe_counts: counts.filter(({ count }) => count > 0),
    job_exes_running: await runningOn(room, key, show),
  };
}

async function countOf({ store }: Room, key: number, status: string, range: TimeRange) {
  const filter = { engineKeys: [key], states: attemptStatesOf(status), ...range };
  const count = await store.read.countExecutions(filter);
  const order = [{ field: 'modifiedAt', descending: true }] as const;
  const [newest] = count === 0 ? [] : await store.read.executions(filter, order, { offset: 0, limit: 1 });
  return { status, count, most_recent: timeOf(newest?.modifiedAt ?? null), category: null };
}
