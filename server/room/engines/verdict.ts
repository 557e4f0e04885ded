import { BuildFault } from '../../../builder/model/faults.ts';
import type { Outcome } from '../finish.ts';
import type { Verdict } from './breaker.ts';

const engineFaults: ReadonlySet<string> = new Set(['engine_error', 'engine_lost']);

/**
 * What the end of an attempt says about its engine. A RUN that fails says nothing, also where it found the disk full;
 * a full disk counts where the engine says so while it builds: in other phases it is the data folder's or a registry's.
 */
export function verdictOn(outcome: Outcome): Verdict {
  if (outcome.kind === 'done') return 'ok';
  const { fault, isElsewhere = false } = outcome;
  if (isElsewhere) return 'unknown';
  if (engineFaults.has(fault.reason)) return 'failed';
  const isDiskOfEngine =
    fault instanceof BuildFault && fault.reason === 'disk_full' && fault.phase === 'build';
  return isDiskOfEngine ? 'failed' : 'unknown';
}
