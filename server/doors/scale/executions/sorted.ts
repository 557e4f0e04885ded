import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { jobDetail } from '../present/job.ts';
import { type ShownOrder, sortedAsShown } from '../query/shownOrder.ts';
import type { Commands } from './commands.ts';
import type { Shown } from './read.ts';
import { scheduledJson } from './scheduled.ts';

/** Few executions, as their list shows them, in an order that only all that is shown of each by itself tells. */
export async function sortedExecutions(
  room: Room,
  commands: Commands,
  all: readonly Shown[],
  order: readonly ShownOrder[],
): Promise<object[]> {
  const whole = [];
  for (const { execution, item } of all)
    whole.push({ item, sortedBy: { ...item, ...(await detailsOf(room, commands, execution)) } });
  return sortedAsShown(whole, order).map(({ item }) => item);
}

async function detailsOf(room: Room, commands: Commands, execution: Execution): Promise<object> {
  const listed = await room.store.read.listedRun(execution.run.key);
  return {
    ...(await scheduledJson(room, execution, await commands.workOf(execution))),
    ...(listed && { job: jobDetail(listed) }),
  };
}
