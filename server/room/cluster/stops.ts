import type { Room } from '../room.ts';

/** Between two looks, in milliseconds: a cancel has to arrive within a second. */
const lookMs = 500;

/**
 * Finds the runs of this process that another one wants to stop, also where nobody told of it. Nothing is asked while
 * there is no work. Gives back what ends it.
 */
export function watchStops(
  { store }: Pick<Room, 'store'>,
  isWorking: () => boolean,
  interrupt: (runId: string) => void,
): () => void {
  if (!store.shared) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    try {
      if (isWorking()) for (const id of await store.read.runsToStop()) interrupt(id);
    } catch {
      // Whoever renews the leases tells that the store is away.
    }
    if (!isOver) sleep();
  }

  function sleep(): void {
    timer = setTimeout(() => void look(), lookMs).unref();
  }

  sleep();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
