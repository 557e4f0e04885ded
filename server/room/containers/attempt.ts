import { lookAtContainer } from '../../../builder/steps/container/lookAtContainer.ts';
import { aborted, closeLog, openAttempt, openLog } from '../attemptLog.ts';
import type { AttemptOutputs } from '../buildAttempt.ts';
import { isOutOfReach, removeContainersOf } from '../cleanUp.ts';
import { leftoverWarning, timeoutFault } from '../engineAttempt.ts';
import { verdictOn } from '../engines/verdict.ts';
import { finish, type Outcome } from '../finish.ts';
import { giveUpLease } from '../lease.ts';
import type { LogWriter } from '../logs/logs.ts';
import { type ProgressRecorder, recordProgress } from '../progress.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';
import { containerAttempt, isParting } from './container.ts';

/**
 * Works on an attempt that runs a container, from its first log line, or from where somebody else left it, to its stored
 * end. Where the server stops there is no end: the container goes on, and whoever takes it over stores one.
 */
export async function workContainerAttempt(
  room: Room,
  held: HeldOnEngine,
  abort: AbortController,
): Promise<void> {
  const timeout = setTimeout(() => void stopLate(room, held, abort), timeLeft(room, held));
  const progress = recordProgress(room, held);
  const log = await openLog(room, held, abort);
  try {
    const outcome = log ? await work(room, held, { log, progress }, abort.signal) : unopened(held, abort);
    clearTimeout(timeout);
    if (outcome) await end(room, held, outcome, { log, progress });
    else await letGo(room, held, { log, progress }, abort.signal);
  } finally {
    clearTimeout(timeout);
    await log?.end();
  }
}

interface Records {
  log: LogWriter | undefined;
  progress: ProgressRecorder;
}

/** The time that the attempt was without a worker counts. */
function timeLeft({ now }: Room, held: HeldOnEngine): number {
  return held.isTakenOver ? Math.max(0, deadlineOf(held) - now()) : held.run.timeoutMs;
}

function deadlineOf({ run, attempt }: HeldOnEngine): number {
  return (attempt.startedAt ?? 0) + run.timeoutMs;
}

async function stopLate(room: Room, held: HeldOnEngine, abort: AbortController): Promise<void> {
  if (held.isTakenOver && (await endedInTime(room, held, abort.signal))) return;
  abort.abort(timeoutFault(held));
}

/** Nobody may have been there to see it. */
async function endedInTime({ store }: Room, held: HeldOnEngine, signal: AbortSignal): Promise<boolean> {
  const mark = { store: store.id, attempt: held.attempt.id };
  const found = await lookAtContainer(held.on.engine, mark, signal).catch(() => undefined);
  return found?.status === 'exited' && found.endedAt <= deadlineOf(held);
}

async function work(
  room: Room,
  held: HeldOnEngine,
  outputs: AttemptOutputs & { log: LogWriter },
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { attempt, isTakenOver, on } = held;
  if (isTakenOver)
    outputs.log.append('system', `attempt ${attempt.number} is taken over on engine ${on.engine.name}\n`);
  else await openAttempt(room, held, outputs.log);
  return containerAttempt(room, held, outputs, signal);
}

function unopened({ isTakenOver }: HeldOnEngine, abort: AbortController): Outcome | undefined {
  return isTakenOver && isParting(abort.signal) ? undefined : aborted(abort);
}

/** The container is there until the end is stored: whoever dies before that leaves it to the next. */
async function end(
  room: Room,
  held: HeldOnEngine,
  outcome: Outcome,
  { log, progress }: Records,
): Promise<void> {
  // Where the log fails, that is no fault of the engine.
  if (log && !log.fault) room.engines.judge(held.on, verdictOn(outcome));
  const leftover = isOutOfReach(room, held, outcome);
  if (log && leftover) log.append('system', `${leftoverWarning}\n`);
  if (log) await closeLog(room, held, log, outcome);
  await progress.settled();
  const run = await finish(room, held, outcome, progress.record(log?.lastLine ?? null), leftover);
  if (run && !leftover) await removeContainersOf(room, held);
}

async function letGo(
  room: Room,
  held: HeldOnEngine,
  { log, progress }: Records,
  signal: AbortSignal,
): Promise<void> {
  const { message } = signal.reason as Error;
  log?.append('system', `attempt ${held.attempt.number} is let go of, its container runs on: ${message}\n`);
  await log?.end();
  await progress.stored();
  await giveUpLease(room, held);
}
