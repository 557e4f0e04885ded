import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type {
  ExecutionField,
  ExecutionFilter,
  OffsetPage,
  Order,
} from '../../../store/contract/executions.ts';
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
import { sortedExecutions } from './sorted.ts';

/** Read together: what a build gave back may be large, and nothing of it is shown here. */
const pieceSize = 100;
const usualOrder: readonly Order<ExecutionField>[] = [{ field: 'modifiedAt', descending: false }];

/** `GET /job-executions/` */
export async function sendExecutions(
  room: Room,
  tools: { commands: Commands; show: ShowExecutions },
  request: Request,
  response: Response,
): Promise<void> {
  const query = queryOf(request);
  const filter = filterOf(query, identityOf(response), room.now());
  const byShown = shownOrderOf(query);
  const order = byShown ? [] : orderOf(query, executionOrder, usualOrder);
  const count = await room.store.read.countExecutions(filter);
  if (byShown) refuseUnsortable(byShown, count);
  await sendPage(request, response, {
    count,
    async results(offset, limit) {
      if (!byShown) return shownPage(room, tools.show, { filter, order }, { offset, limit });
      return (await sortedExecutions(room, tools, filter, byShown)).slice(offset, offset + limit);
    },
  });
}

interface Wanted {
  filter: ExecutionFilter;
  order: readonly Order<ExecutionField>[];
}

async function shownPage(
  room: Room,
  show: ShowExecutions,
  { filter, order }: Wanted,
  { offset, limit }: OffsetPage,
): Promise<object[]> {
  const shown: object[] = [];
  for (let done = 0; done < limit; done += pieceSize) {
    const piece = { offset: offset + done, limit: Math.min(pieceSize, limit - done) };
    const found = await room.store.read.executions(filter, order, piece);
    shown.push(...(await show(found)));
    if (found.length < piece.limit) break;
  }
  return shown;
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
