import { BuildFault } from '../../builder/model/faults.ts';
import type { Claimed } from './claim.ts';
import type { Room } from './room.ts';

/** An abort is the first reason given for it, whatever the torn work threw; anything unknown is our own fault. */
export function asFault(
  error: unknown,
  signal: AbortSignal,
  { report }: Pick<Room, 'report'>,
  { run }: Pick<Claimed, 'run'>,
): BuildFault {
  if (signal.aborted && signal.reason instanceof BuildFault) return signal.reason;
  if (error instanceof BuildFault) return error;
  report.error({ error, run: run.id }, 'an attempt failed in a way that the server does not know');
  return new BuildFault('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
