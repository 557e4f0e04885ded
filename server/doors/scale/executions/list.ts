import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ExecutionField, ExecutionFilter, Order } from '../../../store/contract/executions.ts';
import type { Identity } from '../../../words/scopes.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { sendPage } from '../paging/sendPage.ts';
import { kindsOf } from '../present/jobType.ts';
import { attemptStatesOf } from '../present/statuses.ts';
import { timeRangeOf } from '../query/instants.ts';
import { executionOrder, orderOf } from '../query/order.ts';
import { refuseUnsortable, shownOrderOf } from '../query/shownOrder.ts';
import { filledOf, idsOf, textsOf } from '../query/values.ts';
import type { Commands } from './commands.ts';
import { readShown } from './read.ts';
import { sortedExecutions } from './sorted.ts';

const oldestFirst: readonly Order<ExecutionField>[] = [{ field: 'key', descending: false }];
const usualOrder: readonly Order<ExecutionField>[] = [{ field: 'modifiedAt', descending: false }];

/** `GET /job-executions/` */
export async function sendExecutions(
  room: Room,
  { commands, show }: { commands: Commands; show: ShowExecutions },
  request: Request,
  response: Response,
): Promise<void> {
  const query = queryOf(request);
  const filter = filterOf(query, identityOf(response), room.now());
  const byShown = shownOrderOf(query);
  const order = byShown ? oldestFirst : orderOf(query, executionOrder, usualOrder);
  const count = await room.store.read.countExecutions(filter);
  if (byShown) refuseUnsortable(byShown, count);
  await sendPage(request, response, {
    count,
    async results(offset, limit) {
      const page = byShown ? { offset: 0, limit: count } : { offset, limit };
      const shown = await readShown(room, show, { filter, order }, page);
      if (!byShown) return shown.map(({ item }) => item);
      return (await sortedExecutions(room, commands, shown, byShown)).slice(offset, offset + limit);
    },
  });
}

/** Which executions a query asks for. Throws a Problem (400): for times first, then for numbers, as the original. */
function filterOf(query: URLSearchParams, identity: Identity, now: number): ExecutionFilter {
  const range = timeRangeOf(query, now);
  const jobKeys = idsOf(query, 'job_type_id');
  const engineKeys = idsOf(query, 'node_id');
  const slugs = textsOf(query, 'job_type_name');
  const categories = textsOf(query, 'job_type_category');
  const statuses = filledOf(query, 'status');
  const project = identity.kind === 'key' ? identity.project : null;
  return {
    ...range,
    ...(project !== null && { project }),
    ...(jobKeys && { jobKeys }),
    ...(engineKeys && { engineKeys }),
    ...(slugs && { slugs }),
    ...(categories && { kinds: kindsOf(categories) }),
    ...(statuses && { states: statuses.flatMap(attemptStatesOf) }),
  };
}
