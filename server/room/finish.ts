import type { BuildResult } from '../../builder/model/spec.ts';
import type { HeldAttempt } from '../store/contract/runs.ts';
import type { Fault } from '../words/reasons.ts';
import type { Attempt, ExecutionTrace, Run } from '../words/run.ts';
import type { AttemptRecord, Change } from '../words/transitions/change.ts';
import { retryPlanOf } from '../words/transitions/retry.ts';
import { canceled, failed, lost, released, succeeded, traced } from '../words/transitions/running.ts';
import { keepImages } from './keepImages.ts';
import { untilAnswered } from './patientRoom.ts';
import type { Room } from './room.ts';
import { settle } from './settle.ts';
import type { Changes } from './settling/changes.ts';
import type { Held } from './worker.ts';

export type Outcome =
  | {
      kind: 'done';
      /** What was built; null where nothing is. */
      result: BuildResult | null;
      /** What the endpoint answered, as a JSON text. */
      output?: string;
      trace?: ExecutionTrace;
    }
  | {
      kind: 'fault';
      fault: Fault;
      /** Something may still be on the engine, which did not answer. */
      leftover: boolean;
      /** It is that of a child run: it says nothing about the engine. */
      isElsewhere?: boolean;
      /** For `released`: when it may go again; at once where it says nothing. */
      availableAt?: number;
      trace?: ExecutionTrace;
    };

/**
 * Stores the end of an attempt, and with it the run's end or its next attempt: at last, however long the store is away. A
 * worker that no longer holds the lease changes nothing: then it resolves with undefined.
 */
export async function finish(
  room: Room,
  held: Held,
  outcome: Outcome,
  record: AttemptRecord,
  leftover: boolean,
): Promise<Run | undefined> {
  const who = { run: held.run.id, attempt: held.attempt.id };
  const waiter = { signal: held.patience, report: room.report, who };
  const run = await untilAnswered(async (tries) => {
    const ended = await end(room, held, outcome, record, leftover);
    // The commit of a try before may have been done, though nobody heard of it.
    return ended ?? (tries > 0 ? endedBefore(room, held) : undefined);
  }, waiter);
  if (!run) room.report.warn(who, 'came late: the attempt is no longer held');
  return run;
}

function end(
  room: Room,
  held: Held,
  outcome: Outcome,
  record: AttemptRecord,
  leftover: boolean,
): Promise<Run | undefined> {
  const work = async (changes: Changes) => {
    const { tx, now } = changes;
    const known = await tx.heldAttempt(held.attempt);
    if (!known) return undefined;
    const { run: before, attempt } = known;
    changes.know(held.job);
    // What is told to the outside at the run's end has the output in it.
    if (outcome.kind === 'done' && outcome.output !== undefined)
      await tx.setOutput(before.id, outcome.output);
    const kept = await keepOfEngine(changes, held, known, outcome, leftover);
    return changes.applyHeld(known, endOf(before, attempt, held, kept, record, now));
  };
  return settle(room, work, { holds: held.attempt });
}

/** The run, where the attempt ended under this very lease. Whoever closes those of others calls them lost. */
async function endedBefore(room: Room, { attempt: { id, runId }, leaseId }: Held): Promise<Run | undefined> {
  const attempt = await room.store.read.attempt(id);
  if (attempt?.leaseId !== leaseId || attempt.state === 'lost') return undefined;
  const run = await room.store.read.run(runId);
  if (run) room.events.runChanged(run);
  room.wake();
  room.wakeNotifier();
  return run;
}

/** What is on the engine now: images, or what could not be removed. Gives the outcome with the images as they are kept. */
async function keepOfEngine(
  { room, tx, now }: Changes,
  { seat, attempt }: Held,
  known: HeldAttempt,
  outcome: Outcome,
  leftover: boolean,
): Promise<Outcome> {
  if (seat.place !== 'engine') return outcome;
  const engine = seat.seat.engine.name;
  if (leftover) await tx.addLeftover({ engine, attemptId: attempt.id, createdAt: now });
  if (outcome.kind !== 'done' || !outcome.result) return outcome;
  return { ...outcome, result: await keepImages(room, tx, known, engine, outcome.result, now) };
}

function endOf(
  run: Run,
  attempt: Attempt,
  held: Held,
  outcome: Outcome,
  record: AttemptRecord,
  now: number,
): Change {
  const change =
    outcome.kind === 'done'
      ? succeeded(run, attempt, outcome.result, record, now)
      : faulted(run, attempt, held, outcome, record, now);
  return outcome.trace ? traced(change, outcome.trace) : change;
}

function faulted(
  run: Run,
  attempt: Attempt,
  { job, isTakenOver = false }: Held,
  { fault: { reason, message, exitCode }, availableAt }: Extract<Outcome, { kind: 'fault' }>,
  record: AttemptRecord,
  now: number,
): Change {
  switch (reason) {
    case 'canceled':
      return canceled(run, attempt, stopSentence(run) ?? message, record, now);
    case 'released':
      return released(
        run,
        attempt,
        record,
        now,
        availableAt === undefined ? undefined : { availableAt, error: message },
      );
    case 'lost':
      return lost(run, attempt, record.lastLine, now, isTakenOver ? message : undefined);
    default: {
      const failure = { reason, error: message, ...(exitCode !== undefined && { exitCode }) };
      const plan = retryPlanOf(job.definition, Math.random() * 2 - 1);
      return failed(run, attempt, failure, record, plan, now);
    }
  }
}

/** Who wanted a run to stop for more than a request has said why. */
function stopSentence({ cancelReason, error }: Run): string | null {
  return cancelReason === null || cancelReason === 'canceled' ? null : error;
}
