import type { BuildFault } from '../../builder/model/faults.ts';
import type { BuildResult } from '../../builder/model/spec.ts';
import type { Attempt, Run } from '../words/run.ts';
import {
  type AttemptRecord,
  canceled,
  type Change,
  failed,
  lost,
  released,
  succeeded,
} from '../words/transitions.ts';
import { uuid7 } from '../words/uuid7.ts';
import type { Room } from './room.ts';
import type { Held } from './worker.ts';

export type Outcome =
  | { kind: 'built'; result: BuildResult }
  /** `leftover`: something may still be on the engine, which did not answer. */
  | { kind: 'fault'; fault: BuildFault; leftover: boolean };

/**
 * Stores the end of an attempt, and with it the run's end or its next attempt. A worker that no longer holds the
 * lease changes nothing.
 */
export async function finish(
  room: Room,
  held: Held,
  outcome: Outcome,
  record: AttemptRecord,
  leftover: boolean,
): Promise<void> {
  const now = room.now();
  const { id: attemptId } = held.attempt;
  const engine = held.seat.engine.name;
  const run = await room.store.write(async (tx) => {
    const [before, attempt] = [await tx.run(held.run.id), await tx.attempt(attemptId)];
    if (!before || attempt?.state !== 'running' || attempt.leaseId !== held.leaseId) return undefined;
    const change = endOf(before, attempt, outcome, record, now);
    if (!(await tx.apply(before, attempt, change, uuid7(now)))) return undefined;
    if (outcome.kind === 'built')
      await tx.insertImages(before, attemptId, engine, outcome.result.images, now);
    if (leftover) await tx.addLeftover({ engine, attemptId, createdAt: now });
    const after = await tx.run(before.id);
    if (after?.completedAt != null) await tx.deleteSecrets(before.id);
    return after;
  });
  if (run) room.events.runChanged(run);
  else room.report.warn({ run: held.run.id, attempt: attemptId }, 'came late: the attempt is no longer held');
}

function endOf(run: Run, attempt: Attempt, outcome: Outcome, record: AttemptRecord, now: number): Change {
  if (outcome.kind === 'built') return succeeded(run, attempt, outcome.result, record, now);
  const { reason, message, exitCode } = outcome.fault;
  switch (reason) {
    case 'canceled':
      return canceled(run, attempt, message, record, now);
    case 'released':
      return released(run, attempt, record, now);
    case 'lost':
      return lost(run, attempt, record.lastLine, now);
    default:
      return failed(
        run,
        attempt,
        { reason, error: message, ...(exitCode !== undefined && { exitCode }) },
        record,
        now,
      );
  }
}
