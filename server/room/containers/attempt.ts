import { removeContainers } from '../../../builder/runContainer.ts';
import { lookAtContainer } from '../../../builder/steps/container/lookAtContainer.ts';
import { aborted, closeLog, openAttempt, openLog } from '../attemptLog.ts';
import type { AttemptOutputs } from '../buildAttempt.ts';
import { isOutOfReach, removeContainersOf } from '../cleanUp.ts';
import { leftoverWarning, timeoutFault } from '../engineAttempt.ts';
import { verdictOn } from '../engines/verdict.ts';
import { finish, type Outcome } from '../finish.ts';
import { giveUpLease, LeaseRanOut } from '../lease.ts';
import type { LogWriter } from '../logs/logs.ts';
import { type ProgressRecorder, recordProgress } from '../progress.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';
import { containerAttempt, isParting } from './container.ts';

/** Before the end of a lease, in milliseconds: a removal that was asked for may still be carried out. */
const marginMs = 200;

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
  else await openAttempt(room, held, outputs.log, signal);
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
  const { attempt, run } = held;
  const { reason } = signal as { reason: unknown };
  const isGone = reason instanceof LeaseRanOut && (await removedInTime(room, held, reason));
  const became = isGone ? 'was removed' : 'runs on';
  room.report.info(
    { attempt: attempt.id, run: run.id, why: message },
    `a container is let go of: it ${became}`,
  );
  log?.append('system', `attempt ${attempt.number} is let go of, its container ${became}: ${message}\n`);
  await log?.end();
  await progress.stored(held.patience);
  await giveUpLease(room, held);
}

/**
 * Removes the container while nobody else can hold the attempt yet. Where others share the database, one of them may begin
 * it anew elsewhere, and a worker that is cut off would let both run. One that stood still until others can hold it does
 * not touch it: they may have gone on with this very container.
 */
async function removedInTime(
  { store, report }: Room,
  { attempt, on }: HeldOnEngine,
  { endsAt }: LeaseRanOut,
): Promise<boolean> {
  const leftMs = Math.floor(endsAt - marginMs - performance.now());
  if (!store.shared || leftMs <= 0) return false;
  const mark = { store: store.id, attempt: attempt.id };
  const inTime = AbortSignal.timeout(leftMs);
  try {
    await removeContainers(on.engine, mark, inTime);
    return true;
  } catch (error) {
    report.warn({ error, attempt: attempt.id }, 'a container could not be removed before its lease ends');
    return false;
  }
}
