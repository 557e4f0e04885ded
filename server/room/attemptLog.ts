import { BuildFault } from '../../builder/model/faults.ts';
import { isDiskFull } from '../words/diskFull.ts';
import type { Outcome } from './finish.ts';
import type { LogWriter } from './logs/logs.ts';
import { LogTakenOver } from './logs/takenOver.ts';
import { patientRoom } from './patientRoom.ts';
import type { Room } from './room.ts';
import { openRunLog } from './runLog.ts';
import type { HeldOnEngine } from './worker.ts';

/** Without a log nothing is done: the attempt is aborted with the reason, now or when the disk fails later. */
export async function openLog(
  room: Room,
  held: HeldOnEngine,
  abort: AbortController,
): Promise<LogWriter | undefined> {
  try {
    return await openRunLog(room, held, abort.signal, (fault) => abort.abort(logFault(fault)));
  } catch (error) {
    abort.abort(logFault(error));
    return undefined;
  }
}

/** The line that opens an attempt, and the attempt's place in the log: stored when this resolves, unless it was told to stop. */
export async function openAttempt(
  room: Room,
  held: HeldOnEngine,
  log: LogWriter,
  signal: AbortSignal,
): Promise<void> {
  const { run, attempt, leaseId, on } = held;
  const firstLine = log.lastLine + 1;
  const name = `${run.project}/${run.slug}${run.ref === '' ? '' : ` ${run.ref}`}`;
  log.append('system', `attempt ${attempt.number} of ${name} on engine ${on.engine.name}\n`);
  const who = { run: run.id, attempt: attempt.id };
  const { store } = patientRoom(room, signal, who);
  try {
    await store.write((tx) => tx.recordProgress(attempt.id, leaseId, { firstLine }));
  } catch (error) {
    // Then nothing begins that it would be needed for.
    if (!signal.aborted) throw error;
  }
}

/** The log is on disk before the attempt's end is. */
export async function closeLog(
  room: Room,
  { run }: HeldOnEngine,
  log: LogWriter,
  outcome: Outcome,
): Promise<void> {
  log.append('system', `${closingLine(outcome)}\n`);
  await log.end();
  if (log.fault) room.report.error({ error: log.fault, run: run.id }, 'the log could not be written whole');
}

function closingLine(outcome: Outcome): string {
  if (outcome.kind === 'fault') return `${outcome.fault.reason}: ${outcome.fault.message}`;
  const images = outcome.result?.images.map(({ id, tags }) => `${id} ${tags.join(' ')}`) ?? [];
  return images.length === 0 ? 'completed' : `completed: ${images.join(', ')}`;
}

/** How an attempt ends that was aborted before its work began. */
export function aborted({ signal }: AbortController): Outcome {
  const { reason } = signal as { reason: unknown };
  const fault = reason instanceof BuildFault ? reason : logFault(reason);
  return { kind: 'fault', fault, leftover: false };
}

function logFault(error: unknown): BuildFault {
  if (error instanceof LogTakenOver) return new BuildFault('lost', error.message, { cause: error });
  const why = error instanceof Error ? error.message : String(error);
  return new BuildFault(isDiskFull(error) ? 'disk_full' : 'internal', `the log cannot be written: ${why}`, {
    cause: error,
  });
}
