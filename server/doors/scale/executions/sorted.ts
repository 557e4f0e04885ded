import type { Room } from '../../../room/room.ts';
import type { Execution, ExecutionFilter } from '../../../store/contract/executions.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { jobDetail } from '../present/job.ts';
import { type ShownOrder, sortedAsShown } from '../query/shownOrder.ts';
import type { Commands } from './commands.ts';
import { scheduledJson } from './scheduled.ts';

/** What is read together. */
const pieceSize = 100;

/** Few executions, as their list shows them, in an order that only all that is shown of each by itself tells. */
export async function sortedExecutions(
  room: Room,
  { commands, show }: { commands: Commands; show: ShowExecutions },
  filter: ExecutionFilter,
  order: readonly ShownOrder[],
): Promise<object[]> {
  const all: { item: object; sortedBy: object }[] = [];
  for (let offset = 0; ; offset += pieceSize) {
    const page = { offset, limit: pieceSize };
    const found = await room.store.read.executions(filter, [{ field: 'key', descending: false }], page);
    for (const [index, item] of (await show(found)).entries()) {
      const execution = found[index];
      if (execution)
        all.push({ item, sortedBy: { ...item, ...(await detailsOf(room, commands, execution)) } });
    }
    if (found.length < pieceSize) return sortedAsShown(all, order).map((one) => one.item);
  }
}

async function detailsOf(room: Room, commands: Commands, execution: Execution): Promise<object> {
  const listed = await room.store.read.listedRun(execution.run.key);
  return {
    ...scheduledJson(room, execution, await commands.workOf(execution)),
    ...(listed && { job: jobDetail(listed) }),
  };
}
