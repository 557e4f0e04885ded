import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ListedRun, Order, RunField } from '../../../store/contract/executions.ts';
import { sendPage } from '../paging/sendPage.ts';
import { jobOrder, orderOf } from '../query/order.ts';
import { jobFilterOf } from './filter.ts';

const usualOrder: readonly Order<RunField>[] = [{ field: 'modifiedAt', descending: false }];

/** How a page of runs is shown. */
export type ShowRuns = (room: Room, runs: readonly ListedRun[]) => Promise<object[]> | object[];

/** `GET /jobs/` and its like: the page that is asked for. */
export async function sendJobs(
  room: Room,
  request: Request,
  response: Response,
  show: ShowRuns,
): Promise<void> {
  const query = queryOf(request);
  const filter = jobFilterOf(query, identityOf(response), room.now());
  const order = orderOf(query, jobOrder, usualOrder);
  const { read } = room.store;
  await sendPage(request, response, {
    count: await read.countListedRuns(filter),
    results: async (offset, limit) => show(room, await read.listedRuns(filter, order, { offset, limit })),
  });
}
