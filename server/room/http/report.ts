import { Problem } from '../../words/problems.ts';
import { heard } from '../../words/transitions/running.ts';
import type { LogStream } from '../../../builder/model/log.ts';
import type { Outcome } from '../finish.ts';
import type { Room } from '../room.ts';
import type { Dispatch } from './dispatches.ts';
import { EndpointFault } from './endpointFault.ts';

/** What an endpoint reports of a run while it is being called for it. All of these throw a Problem where it is not. */

/** It is alive. From then on it is missed where it says nothing for too long. */
export async function reportAlive(room: Room, runId: string): Promise<void> {
  await dispatchOf(room, runId);
  await room.store.write(async (tx) => {
    const run = await tx.run(runId);
    if (run?.state === 'running') await tx.apply(run, undefined, heard(run, room.now()), '');
  });
}

/** Lines for the run's log. */
export async function reportLines(room: Room, runId: string, stream: LogStream, text: string): Promise<void> {
  const { log } = await dispatchOf(room, runId);
  await log.write(stream, text);
}

/** The run is done, and gave back `output`, a JSON text. Its end is stored when this resolves. */
export async function reportDone(room: Room, runId: string, output: string | undefined): Promise<void> {
  await settle(room, runId, { kind: 'done', result: null, ...(output !== undefined && { output }) });
}

/** The run failed, and is not to be tried again. Its end is stored when this resolves. */
export async function reportFailed(room: Room, runId: string, error: string): Promise<void> {
  const fault = new EndpointFault('endpoint_reported', error);
  await settle(room, runId, { kind: 'fault', fault, leftover: false });
}

/** Ends the attempts of endpoints that had said that they are alive, and then said nothing for too long. */
export async function endSilent(room: Room): Promise<void> {
  const { silenceMs } = room.policy();
  for (const { held, settle: end } of room.dispatches.values()) {
    const run = await room.store.read.run(held.run.id);
    if (run?.state !== 'running' || run.heartbeatAt === null) continue;
    if (run.heartbeatAt > room.now() - silenceMs) continue;
    const sentence = `endpoint said nothing for ${silenceMs / 1000} s`;
    await end({ kind: 'fault', fault: new EndpointFault('endpoint_silent', sentence), leftover: false });
  }
}

async function settle(room: Room, runId: string, outcome: Outcome): Promise<void> {
  const dispatch = await dispatchOf(room, runId);
  if (!(await dispatch.settle(outcome)))
    throw new Problem('conflict', `run ${runId} is ending already, by something else than this report`);
}

async function dispatchOf(room: Room, runId: string): Promise<Dispatch> {
  const dispatch = room.dispatches.get(runId);
  if (dispatch) return dispatch;
  const run = await room.store.read.run(runId);
  if (!run) throw new Problem('not_found', `there is no run ${runId}`);
  if (run.kind !== 'http')
    throw new Problem('conflict', `run ${runId} calls no endpoint: the server itself reports how it goes`);
  throw new Problem('conflict', `run ${runId} is ${run.state}: only a running one is reported on`);
}
