import { setTimeout as pause } from 'node:timers/promises';
import { BuildFault } from '../../model/faults.ts';
import type { LogSink } from '../../model/log.ts';
import { RegistryFault } from './registryFaults.ts';

export interface Patience {
  log: LogSink;
  signal: AbortSignal;
  /** The first pause in milliseconds, 1000 where nothing is said; each is twice the one before. */
  firstPauseMs?: number | undefined;
}

const mostRetries = 3;
/** A registry that wants more time than this has it between two attempts of the run. */
const longestPauseMs = 60_000;

/**
 * Does work with a registry again where it was away: three times, after 1 s, 2 s, 4 s and a little more, or after the
 * time that the registry asks for. Rejects with the last fault, or with the signal's reason.
 */
export async function tryAgain<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await work();
    } catch (error) {
      patience.signal.throwIfAborted();
      const waitMs = pauseMs(error, tried, patience.firstPauseMs);
      if (waitMs === undefined || !(error instanceof BuildFault)) throw error;
      const seconds = (waitMs / 1000).toFixed(1);
      patience.log.append('system', `${error.message}; tried again in ${seconds} s\n`);
      await rest(waitMs, patience.signal);
    }
  }
}

/** Undefined where another try makes no sense. */
function pauseMs(error: unknown, tried: number, firstPauseMs = 1000): number | undefined {
  if (!(error instanceof RegistryFault) || error.reason !== 'registry_unreachable') return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (tried >= mostRetries || error.isFinal || asked > longestPauseMs) return undefined;
  const usual = firstPauseMs * 2 ** tried;
  return Math.max(Math.round(usual * (1 + Math.random() / 4)), asked);
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
