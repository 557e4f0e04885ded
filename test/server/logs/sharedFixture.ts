import { newAlarm } from '../../../server/app/live/reader.ts';
import type { Logs } from '../../../server/room/logs/logs.ts';
import { linesOf } from '../../../server/room/logs/piece.ts';
import type { Shared } from '../../../server/store/contract/shared.ts';
import type { Store } from '../../../server/store/store.ts';
import { StoreUnavailable } from '../../../server/words/storeUnavailable.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

export function sharedOf({ shared }: Store): { shared: Shared } {
  if (!shared) throw new Error('the store is not shared');
  return { shared };
}

/** Somebody who follows a log from its first line on, also while the database is away. */
export interface Following {
  /** All lines, when there are as many. */
  until(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

export function followed(logs: Logs, runId: string): Following {
  const lines: string[] = [];
  const alarm = newAlarm();
  const follower = logs.follow(runId, 1, () => alarm.wake());
  let isOver = false;

  async function take(): Promise<void> {
    const item = await follower.take();
    if (!item) return alarm.sleep();
    if (item.kind === 'gap' || item.first !== lines.length + 1)
      throw new Error(`${item.kind} ${item.first} came where line ${lines.length + 1} should`);
    lines.push(...linesOf(item).map(({ text }) => text));
  }

  async function read(): Promise<void> {
    while (!isOver)
      await take().catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
      });
  }

  const reading = read();
  let fault: Error | undefined;
  reading.catch((error: Error) => (fault = error));
  return {
    async until(count) {
      await waitFor(`line ${count}`, () => fault !== undefined || lines.length >= count);
      if (fault) throw fault;
      return lines;
    },
    async stop() {
      isOver = true;
      alarm.wake();
      await reading.catch(() => undefined);
      follower.close();
    },
  };
}
