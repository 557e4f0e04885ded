import { BuildFault } from '../../builder/model/faults.ts';
import { isDiskFull } from '../words/diskFull.ts';
import { buildAttempt } from './buildAttempt.ts';
import { cleanUp } from './cleanUp.ts';
import { verdictOn } from './engines/verdict.ts';
import { finish, type Outcome } from './finish.ts';
import type { LogWriter } from './logs/logs.ts';
import { recordProgress } from './progress.ts';
import type { Room } from './room.ts';
import { openRunLog } from './runLog.ts';
import type { HeldOnEngine } from './worker.ts';

const leftoverWarning =
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
    if (log) await openAttempt(room, held, log);
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

/** Without a log nothing is built: the attempt is aborted with the reason, now or when the disk fails later. */
async function openLog(
  room: Room,
  held: HeldOnEngine,
  abort: AbortController,
): Promise<LogWriter | undefined> {
  try {
    return await openRunLog(room, held, (fault) => abort.abort(logFault(fault)));
  } catch (error) {
    abort.abort(logFault(error));
    return undefined;
  }
}

/** The line that opens an attempt, and the attempt's place in the log. */
async function openAttempt(room: Room, held: HeldOnEngine, log: LogWriter): Promise<void> {
  const { run, attempt, leaseId, on } = held;
  const firstLine = log.lastLine + 1;
  const name = `${run.project}/${run.slug} ${run.ref}`;
  log.append('system', `attempt ${attempt.number} of ${name} on engine ${on.engine.name}\n`);
  await room.store.write((tx) => tx.recordProgress(attempt.id, leaseId, { firstLine }));
}

/** The log is on disk before the attempt's end is. */
async function closeLog(room: Room, { run }: HeldOnEngine, log: LogWriter, outcome: Outcome): Promise<void> {
  log.append('system', `${closingLine(outcome)}\n`);
  await log.end();
  if (log.fault) room.report.error({ error: log.fault, run: run.id }, 'the log could not be written whole');
}

function closingLine(outcome: Outcome): string {
  if (outcome.kind === 'fault') return `${outcome.fault.reason}: ${outcome.fault.message}`;
  const images = outcome.result?.images.map(({ id, tags }) => `${id} ${tags.join(' ')}`) ?? [];
  return images.length === 0 ? 'completed' : `completed: ${images.join(', ')}`;
}

function aborted({ signal }: AbortController): Outcome {
  const { reason } = signal as { reason: unknown };
  const fault = reason instanceof BuildFault ? reason : logFault(reason);
  return { kind: 'fault', fault, leftover: false };
}

function logFault(error: unknown): BuildFault {
  const why = error instanceof Error ? error.message : String(error);
  return new BuildFault(isDiskFull(error) ? 'disk_full' : 'internal', `the log cannot be written: ${why}`, {
    cause: error,
  });
}

function timeoutFault({ run }: HeldOnEngine): BuildFault {
  return new BuildFault('timeout', `the attempt took longer than ${run.timeoutMs / 1000} s`);
}
