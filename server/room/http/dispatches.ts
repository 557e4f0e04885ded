import { setImmediate as turn } from 'node:timers/promises';
import type { Outcome } from '../finish.ts';
import type { Held } from '../worker.ts';
import { EndpointFault } from './endpointFault.ts';
import type { LazyLog } from './lazyLog.ts';

/** An HTTP attempt that this process has under way. */
export interface Dispatch {
  readonly held: Held;
  readonly log: LazyLog;
  /**
   * Ends the attempt otherwise than by the endpoint's answer: its request is cut. Resolves when the end is stored;
   * with false where it ended by something else before.
   */
  settle(outcome: Outcome): Promise<boolean>;
}

/** The HTTP attempts of this process, by the ids of their runs. */
export type Dispatches = Map<string, Dispatch>;

/**
 * Whoever is about to answer for a run lets its request go out first, where that begins just now: by the same commit as what
 * is to be answered.
 */
export async function letGoFirst(dispatches: ReadonlyMap<string, unknown>, runId: string): Promise<void> {
  // Whatever that commit lets begin has begun by then.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  // A connection that is kept is looked at once more before it is used.
  if (dispatches.has(runId)) await turn();
}

/** A dispatch as its worker sees it. */
export interface OwnDispatch extends Dispatch {
  /** What it was settled with; nobody settles it after this was asked. */
  take(): Outcome | undefined;
  /** Tells whoever settled it how that went. */
  done(isStored: boolean): void;
}

export function newDispatch(held: Held, log: LazyLog, abort: AbortController): OwnDispatch {
  const end = Promise.withResolvers<boolean>();
  let settled: Outcome | undefined;
  let taken = false;
  return {
    held,
    log,
    async settle(outcome) {
      if (settled || taken || abort.signal.aborted) return false;
      settled = outcome;
      abort.abort(new EndpointFault('endpoint_reported', 'the endpoint has told how the run ended'));
      return end.promise;
    },
    take() {
      taken = true;
      return settled;
    },
    done: (isStored) => end.resolve(isStored),
  };
}
