import { setTimeout as pause } from 'node:timers/promises';
import type { Report } from './room.ts';

/** Does turns of work while there is some. */
export interface Pump {
  /** Something may have come: another turn follows, now or after the one that is under way. */
  wake(): void;
  /** The same within the transaction that makes it so: a turn that has yet to look sees it. */
  wakeEarly(): void;
  /** The same when this turn of the event loop is over: once for all who ask for it in it. */
  wakeSoon(): void;
  /** The same where it is only likely: another process told of something. */
  hint(): void;
  /** No turn begins any more; resolves when none is under way. */
  stop(): Promise<void>;
}

export interface PumpOptions {
  /** What is reported where a turn fails. */
  complaint?: string;
  /** Milliseconds until the next turn when nobody wakes the pump; asked after a turn that left nothing to do. */
  pauseMs?: () => Promise<number>;
  /**
   * A cheap question whether a turn is worth while, where turns cost more. It is asked where nobody here woke the pump: at a
   * hint, and after a pause.
   */
  peek?: () => Promise<boolean>;
}

/** The usual time between two turns when nobody woke the pump, in milliseconds. */
const pollMs = 1000;

/** Between two questions that came to nothing, in milliseconds: hints come in crowds. */
const peekPauseMs = 5;

/**
 * `turn` says whether there may be more to do, and calls `onLook` when it sees all that was done before. One turn at a time; a
 * failure is told, and the next turn comes all the same.
 */
export function startPump(
  report: Report,
  turn: (onLook: () => void) => Promise<boolean>,
  { complaint = 'claiming failed; it is tried again', pauseMs, peek }: PumpOptions = {},
): Pump {
  let running: Promise<void> | undefined;
  let [again, againUnlessSeen] = [false, false];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  let looking: Promise<void> | undefined;
  let isHinted = false;
  const told = (error: unknown): void => report.error({ error }, complaint);

  async function run(): Promise<void> {
    clearTimeout(timer);
    let ms = pollMs;
    try {
      for (let hasMore = true; (hasMore || again || againUnlessSeen) && !stopped;) {
        again = againUnlessSeen = false;
        hasMore = await turn(() => (againUnlessSeen = false));
        if (!hasMore && pauseMs) ms = await pauseMs();
      }
    } catch (error) {
      told(error);
    }
    running = undefined;
    sleep(ms);
  }

  function sleep(ms: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(hint, ms).unref();
  }

  function hint(): void {
    if (!peek) return wake();
    isHinted = true;
    looking ??= look(peek);
  }

  /** Whoever wakes the pump meanwhile does not wait for the answer. */
  async function look(ask: () => Promise<boolean>): Promise<void> {
    while (isHinted && !stopped) {
      isHinted = false;
      // What is under way may have looked before the hint came.
      await running;
      if ((await ask().catch(told)) === true) wake();
      else if (!running) await rest();
    }
    looking = undefined;
  }

  async function rest(): Promise<void> {
    sleep((await pauseMs?.().catch(() => undefined)) ?? pollMs);
    await pause(peekPauseMs);
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run();
  }

  function wakeEarly(): void {
    if (stopped) return;
    againUnlessSeen = true;
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
    wakeEarly,
    wakeSoon,
    hint,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
      await running;
    },
  };
}
