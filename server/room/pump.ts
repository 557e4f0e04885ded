import type { Report } from './room.ts';

/** Does turns of work while there is some. */
export interface Pump {
  /** Something may have come: another turn follows, now or after the one that is under way. */
  wake(): void;
  /** The same when this turn of the event loop is over: once for all who ask for it in it. */
  wakeSoon(): void;
  /** No turn begins any more; resolves when none is under way. */
  stop(): Promise<void>;
}

export interface PumpOptions {
  /** What is reported where a turn fails. */
  complaint?: string;
  /** Milliseconds until the next turn when nobody wakes the pump; asked after a turn that left nothing to do. */
  pauseMs?: () => Promise<number>;
}

/** The usual time between two turns when nobody woke the pump, in milliseconds. */
const pollMs = 1000;

/** `turn` says whether there may be more to do. One turn at a time; a failure is told, and the next turn comes all the same. */
export function startPump(
  report: Report,
  turn: () => Promise<boolean>,
  { complaint = 'claiming failed; it is tried again', pauseMs }: PumpOptions = {},
): Pump {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;

  async function run(): Promise<void> {
    clearTimeout(timer);
    let pause = pollMs;
    try {
      for (let hasMore = true; (hasMore || again) && !stopped;) {
        again = false;
        hasMore = await turn();
        if (!hasMore && pauseMs) pause = await pauseMs();
      }
    } catch (error) {
      report.error({ error }, complaint);
    }
    running = undefined;
    if (!stopped) timer = setTimeout(wake, pause).unref();
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run();
  }

  function wakeSoon(): void {
    soon ??= setImmediate(() => {
      soon = undefined;
      wake();
    });
  }

  return {
    wake,
    wakeSoon,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
