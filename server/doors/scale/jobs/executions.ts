import type { Room } from '../../../room/room.ts';
import type { Execution, ExecutionField, Order } from '../../../store/contract/executions.ts';
import type { Run } from '../../../words/run.ts';
import type { Commands } from '../executions/commands.ts';
import { executionJson } from '../executions/present.ts';

/** Shows attempts as their list does, in their order. */
export type ShowExecutions = (executions: readonly Execution[]) => Promise<Record<string, unknown>[]>;

export const newestFirst: readonly Order<ExecutionField>[] = [{ field: 'key', descending: true }];

export function executionShower(commands: Commands): ShowExecutions {
  return async (executions) => {
    const texts = await commands.of(executions);
    return executions.map((execution, index) => executionJson(execution, texts[index] ?? ''));
  };
}

/** What an execution belongs to only by its number. */
export function withReferences(shown: Record<string, unknown>): Record<string, unknown> {
  const { job, node, error } = shown;
  return { ...shown, job: idOf(job), node: idOf(node), error: idOf(error) };
}

function idOf(value: unknown): { id: unknown } | null {
  return typeof value === 'object' && value !== null && 'id' in value ? { id: value.id } : null;
}

/** The newest attempt of each run; null where it has none yet. */
export function newestExecutions(
  { store }: Room,
  runs: readonly Pick<Run, 'id'>[],
): Promise<(Execution | null)[]> {
  return Promise.all(
    runs.map(async ({ id }) => {
      const [newest = null] = await store.read.executions({ runId: id }, newestFirst, {
        offset: 0,
        limit: 1,
      });
      return newest;
    }),
  );
}
