import type { Room } from '../../../room/room.ts';
import type { ShowExecutions } from '../jobs/executions.ts';

/** An engine has no more slots than that. */
const mostRunning = 1000;

/** What is done on an engine now, the longest first. */
export async function runningOn(
  { store }: Room,
  engineKey: number,
  show: ShowExecutions,
): Promise<Record<string, unknown>[]> {
  const filter = { engineKeys: [engineKey], states: ['running'] } as const;
  const order = [{ field: 'startedAt', descending: false }] as const;
  const running = await store.read.executions(filter, order, { offset: 0, limit: mostRunning });
  const node = { id: engineKey };
  return (await show(running)).map((execution) => Object.assign(execution, { node }));
}
