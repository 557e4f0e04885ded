import { createRedactor } from '../../../builder/model/redact.ts';
import { type Outcome, finish } from '../finish.ts';
import { patientRoom } from '../patientRoom.ts';
import type { Room } from '../room.ts';
import { openRunLog } from '../runLog.ts';
import type { Held } from '../worker.ts';
import { tooSlow } from './ask.ts';
import { newDispatch } from './dispatches.ts';
import { callEndpoint } from './endpoint.ts';
import { type LazyLog, newLazyLog } from './lazyLog.ts';

/** Works on an attempt that was claimed for an endpoint, from the request to its stored end. */
export async function workHttpAttempt(room: Room, held: Held, abort: AbortController): Promise<void> {
  const { run, attempt, leaseId } = held;
  const timeout = setTimeout(() => abort.abort(tooSlow(run.timeoutMs)), run.timeoutMs);
  const who = { run: run.id, attempt: attempt.id };
  const secrets: string[] = [];
  const log = logOf(room, held, secrets);
  const dispatch = newDispatch(held, log, abort);
  room.dispatches.set(run.id, dispatch);
  let isStored = false;
  try {
    const answered = await callEndpoint(
      patientRoom(room, abort.signal, who),
      held,
      { log, secrets },
      abort.signal,
    );
    clearTimeout(timeout);
    const outcome = dispatch.take() ?? answered;
    const { firstLine, lastLine } = await closeLog(held, log, outcome);
    if (firstLine !== null)
      await patientRoom(room, held.patience, who).store.write((tx) =>
        tx.recordProgress(attempt.id, leaseId, { firstLine }),
      );
    isStored = (await finish(room, held, outcome, { phases: [], steps: [], lastLine }, false)) !== undefined;
  } finally {
    clearTimeout(timeout);
    // Where the lease was lost, the next attempt of the run may be under way already.
    if (room.dispatches.get(run.id) === dispatch) room.dispatches.delete(run.id);
    dispatch.done(isStored);
  }
}

function logOf(room: Room, held: Held, secrets: readonly string[]): LazyLog {
  return newLazyLog({
    open: () => openRunLog(room, held, held.patience),
    redact: () => createRedactor([...secrets, ...room.policy().secrets()]),
    onFault: (error) => room.report.error({ error, run: held.run.id }, 'the log could not be written whole'),
  });
}

/** What went well at the first try has nothing to say that the run does not say itself. */
function closeLog({ run }: Held, log: LazyLog, outcome: Outcome) {
  const isGivenBack = outcome.kind === 'fault' && outcome.availableAt !== undefined;
  log.note(closingLine(outcome));
  return log.end(!isGivenBack && (outcome.kind === 'fault' || run.countedAttempts > 1));
}

function closingLine(outcome: Outcome): string {
  return outcome.kind === 'fault' ? `${outcome.fault.reason}: ${outcome.fault.message}` : 'completed';
}
