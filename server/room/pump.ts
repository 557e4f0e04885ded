import type { Report } from './room.ts';

/** Does turns of work while there is some. */
export interface Pump {
  /** Something may have come: another turn follows, now or after the one that is under way. */
  wake(): void;
  /** No turn begins any more; resolves when none is under way. */
  stop(): Promise<void>;
}

/** Milliseconds between two turns when nobody woke the pump. */
const pollMs = 1000;

/** `turn` says whether there may be more to do. One turn at a time; a failure is told, and the next turn comes all the same. */
export function startPump(report: Report, turn: () => Promise<boolean>): Pump {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    clearTimeout(timer);
    try {
      do again = false;
      while (((await turn()) || again) && !stopped);
    } catch (error) {
      report.error({ error }, 'claiming failed; it is tried again');
    }
    running = undefined;
    if (!stopped) timer = setTimeout(wake, pollMs).unref();
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run();
  }

  return {
    wake,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
