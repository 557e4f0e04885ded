import type { Room } from '../../../room/room.ts';
import type {
  Execution,
  ExecutionField,
  ExecutionFilter,
  OffsetPage,
  Order,
} from '../../../store/contract/executions.ts';
import type { ShowExecutions } from '../jobs/executions.ts';

/** An execution, and what its list shows of it. */
export interface Shown {
  execution: Execution;
  item: Record<string, unknown>;
}

export interface Wanted {
  filter: ExecutionFilter;
  order: readonly Order<ExecutionField>[];
}

/** Read together: what a build gave back may be large, and nothing of it is shown here. */
const pieceSize = 100;

/** Reads a page of executions in pieces. */
export async function readShown(
  { store }: Room,
  show: ShowExecutions,
  { filter, order }: Wanted,
  { offset, limit }: OffsetPage,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (let done = 0; done < limit; done += pieceSize) {
    const piece = { offset: offset + done, limit: Math.min(pieceSize, limit - done) };
    const found = await store.read.executions(filter, order, piece);
    const items = await show(found);
    for (const [index, execution] of found.entries()) shown.push({ execution, item: items[index] ?? {} });
    if (found.length < piece.limit) break;
  }
  return shown;
}
