import { setTimeout as pause } from 'node:timers/promises';
import { BuildFault } from '../../model/faults.ts';

/** How long an engine may be away before its container is given up, in milliseconds. */
const awayMs = 30_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** After a try that went well for as long as this, the pauses begin anew. */
const heldMs = 1_000;

export interface Patience {
  /** To be told where the engine has answered. */
  answered(): void;
  /** Waits before the next try. Throws a BuildFault where the engine has been away for 30 s, and the signal's reason. */
  rest(error: unknown): Promise<void>;
}

export function createPatience(signal: AbortSignal): Patience {
  let awaySince: number | undefined;
  let triedAt = Date.now();
  let pauseMs = firstPauseMs;

  return {
    answered() {
      awaySince = undefined;
    },
    async rest(error) {
      const now = Date.now();
      awaySince ??= now;
      if (now - awaySince > awayMs) throw lost(error);
      pauseMs = now - triedAt > heldMs ? firstPauseMs : Math.min(2 * pauseMs, longestPauseMs);
      await rested(pauseMs, signal);
      triedAt = Date.now();
    },
  };
}

async function rested(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

function lost(error: unknown): BuildFault {
  const why = error instanceof Error ? error.message : String(error);
  return new BuildFault('engine_lost', `the engine stayed away from its container for 30 s: ${why}`, {
    cause: error,
  });
}
