import { BuildFault } from '../../builder/model/faults.ts';
import { aborted, closeLog, openAttempt, openLog } from './attemptLog.ts';
import { buildAttempt } from './buildAttempt.ts';
import { cleanUp } from './cleanUp.ts';
import { verdictOn } from './engines/verdict.ts';
import { finish } from './finish.ts';
import { recordProgress } from './progress.ts';
import type { Room } from './room.ts';
import type { HeldOnEngine } from './worker.ts';

/** The last word to whoever reads the log of an attempt that left something behind. */
export const leftoverWarning =
  'warning: the engine does not answer; what the attempt left there goes when it is back';

/** Works on an attempt that was claimed for an engine, from its first log line to its stored end. */
export async function workEngineAttempt(
  room: Room,
  held: HeldOnEngine,
  abort: AbortController,
): Promise<void> {
  const timeout = setTimeout(() => abort.abort(timeoutFault(held)), held.run.timeoutMs);
  const progress = recordProgress(room, held);
  const log = await openLog(room, held, abort);
  try {
    if (log) await openAttempt(room, held, log, abort.signal);
    const outcome = log ? await buildAttempt(room, held, { log, progress }, abort.signal) : aborted(abort);
    clearTimeout(timeout);
    // Where the log fails, that is no fault of the engine.
    if (log && !log.fault) room.engines.judge(held.on, verdictOn(outcome));
    const leftover = await cleanUp(room, held, outcome);
    if (log && leftover) log.append('system', `${leftoverWarning}\n`);
    if (log) await closeLog(room, held, log, outcome);
    await progress.settled();
    await finish(room, held, outcome, progress.record(log?.lastLine ?? null), leftover);
  } finally {
    clearTimeout(timeout);
    await log?.end();
  }
}

export function timeoutFault({ run }: HeldOnEngine): BuildFault {
  return new BuildFault('timeout', `the attempt took longer than ${run.timeoutMs / 1000} s`);
}
