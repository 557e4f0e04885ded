import { runBuild } from '../../builder/build.ts';
import type { LogSink } from '../../builder/model/log.ts';
import type { BuildEvent } from '../../builder/model/spec.ts';
import type { Places } from '../../builder/steps/inOrder.ts';
import type { Run } from '../words/run.ts';
import { asFault } from './asFault.ts';
import { buildAccess } from './buildAccess.ts';
import { patientRoom } from './patientRoom.ts';
import { elsewhere } from './platforms/elsewhere.ts';
import { PartFault } from './platforms/partFault.ts';
import type { Outcome } from './finish.ts';
import { imageSpec } from './imageSpec.ts';
import { confirmLease } from './lease.ts';
import { maskedEvent, maskedFault, maskedLog, maskedResult, type Redact } from './masking.ts';
import { createMasks } from './masks.ts';
import type { ProgressRecorder } from './progress.ts';
import { recordTraces } from './retention/traces.ts';
import type { Room } from './room.ts';
import type { HeldOnEngine } from './worker.ts';

export interface AttemptOutputs {
  log: LogSink;
  progress: ProgressRecorder;
}

/** Builds what an attempt is for. Never rejects: whatever goes wrong is the outcome, and no part of it has a secret. */
export async function buildAttempt(
  room: Room,
  held: HeldOnEngine,
  { log, progress }: AttemptOutputs,
  signal: AbortSignal,
): Promise<Outcome> {
  const { redact, learn } = createMasks(room.policy().secrets());
  const who = { run: held.run.id, attempt: held.attempt.id };
  const [traces, patient] = [
    recordTraces(patientRoom(room, held.patience, who), held),
    patientRoom(room, signal, who),
  ];
  let leftover = false;
  try {
    const token = await tokenOf(patient, held.run);
    if (token !== undefined) learn(token);
    const { job, run, attempt, on } = held;
    const policy = room.policy();
    const result = await runBuild(
      {
        sources: room.sources,
        engine: on.engine,
        access: buildAccess(job, run, policy.access(), {
          learn,
          owners: (folder) => patient.store.read.projectsByImageFolder(folder),
        }),
        log: maskedLog(log, redact),
        onEvent: masking(progress, redact),
        traces,
        onLeftover: () => (leftover = true),
        places: placesOf(room, held),
        elsewhere: elsewhere(patient, held, token),
        beforePush: () => confirmLease(patient, held),
      },
      imageSpec(room.store.id, job, run, attempt, token, { ...policy, engine: on.terms }),
      signal,
    );
    traces.results(result);
    return { kind: 'done', result: maskedResult(result, redact) };
  } catch (error) {
    const fault = asFault(error, signal, room, held);
    const isElsewhere = fault instanceof PartFault;
    return {
      kind: 'fault',
      fault: maskedFault(fault, redact),
      leftover,
      ...(isElsewhere && { isElsewhere }),
    };
  } finally {
    await traces.end();
  }
}

function placesOf({ engines, wake }: Room, { on, seat }: HeldOnEngine): Places {
  return {
    take: () => engines.takePlace(on),
    wait: (signal) => engines.waitForPlace(on, signal),
    leave() {
      seat.leave();
      wake();
    },
  };
}

async function tokenOf(room: Room, run: Run): Promise<string | undefined> {
  const sealed = await room.store.read.secret(run.id, 'api_token');
  return sealed === undefined ? undefined : room.sealer.open(sealed, run.id);
}

function masking(progress: ProgressRecorder, redact: Redact): (event: BuildEvent) => void {
  return (event) => progress.onEvent(maskedEvent(event, redact));
}
