import type { ContainerResult, SeenLines } from '../../../builder/model/container.ts';
import { BuildFault, type Reason } from '../../../builder/model/faults.ts';
import type { BuildEvent } from '../../../builder/model/spec.ts';
import { type ContainerDeps, runContainer, takeOverContainer } from '../../../builder/runContainer.ts';
import { asFault } from '../asFault.ts';
import type { AttemptOutputs } from '../buildAttempt.ts';
import type { Outcome } from '../finish.ts';
import { confirmLease } from '../lease.ts';
import { maskedFault, maskedLog } from '../masking.ts';
import { createMasks, type Masks } from '../masks.ts';
import { asOutput } from '../output.ts';
import { patientRoom } from '../patientRoom.ts';
import type { Room } from '../room.ts';
import type { HeldOnEngine } from '../worker.ts';
import { containerOrder } from './order.ts';

type Work = (
  room: Room,
  held: HeldOnEngine,
  tools: Omit<ContainerDeps, 'access'> & Pick<Masks, 'learn'>,
  signal: AbortSignal,
) => Promise<ContainerResult>;

const noLines: SeenLines = { stdout: 0, stderr: 0, bytes: 0, newestAt: undefined };

/** Whoever is told to stop for one of these lets go of a container that runs. */
const partings: ReadonlySet<string> = new Set<Reason>(['released', 'lost']);

export function isParting({ reason }: AbortSignal): boolean {
  return reason instanceof BuildFault && partings.has(reason.reason);
}

/**
 * Runs the container of an attempt, or goes on with the one that it has. Never rejects: whatever goes wrong is the outcome,
 * and no part of it has a secret. Undefined where it let go of the container while it runs: whoever holds the attempt next
 * goes on with it.
 */
export async function containerAttempt(
  room: Room,
  held: HeldOnEngine,
  { log, progress }: AttemptOutputs,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { redact, learn } = createMasks(room.policy().secrets());
  let runs = held.isTakenOver === true;
  let leftover = false;
  const tools = {
    engine: held.on.engine,
    log: maskedLog(log, redact),
    onEvent(event: BuildEvent) {
      runs ||= event.type === 'phase:start' && event.phase === 'build';
      progress.onEvent(event);
    },
    onLeftover: () => (leftover = true),
    learn,
  };
  try {
    const work = held.isTakenOver ? goOn : begin;
    const who = { run: held.run.id, attempt: held.attempt.id };
    const { output } = await work(patientRoom(room, signal, who), held, tools, signal);
    return {
      kind: 'done',
      result: null,
      ...(output !== undefined && { output: asOutput(redact(output)) }),
    };
  } catch (error) {
    const fault = asFault(error, signal, room, held);
    if (runs && isParting(signal)) return undefined;
    return { kind: 'fault', fault: maskedFault(fault, redact), leftover };
  }
}

const begin: Work = async (room, held, { learn, ...tools }, signal) => {
  const { bases } = room.housekeeping;
  const order = await containerOrder(room, held, learn);
  const { spec, access } = order;
  // No clean-up takes it away before the container holds it.
  bases.set(held.attempt.id, new Set([spec.image]));
  try {
    await confirmLease(room, held);
    return await runContainer({ ...tools, access }, spec, signal);
  } catch (error) {
    throw order.isLocal ? aboutLocal(error, held) : error;
  } finally {
    bases.delete(held.attempt.id);
  }
};

/** What the log has of the container's output is not written again. */
const goOn: Work = async (room, held, { learn, ...tools }, signal) => {
  const { run, attempt, on } = held;
  const { spec, access } = await containerOrder(room, held, learn);
  // An attempt whose log was not begun has no container.
  const seen = attempt.firstLine === null ? undefined : await room.logs.count(run.id, attempt.firstLine);
  const result = await takeOverContainer({ ...tools, access }, spec, seen ?? noLines, signal);
  if (result) return result;
  throw new BuildFault('lost', `its container is gone from the engine ${on.engine.name}`);
};

/** What is on one engine only cannot be had where it is not. */
function aboutLocal(error: unknown, { on, job }: HeldOnEngine): unknown {
  if (!(error instanceof BuildFault) || error.reason !== 'image_not_found') return error;
  const { image } = job.definition.container ?? {};
  const builder = typeof image === 'object' ? `${job.project}/${image.job}` : 'its job';
  return new BuildFault(
    'image_not_found',
    `the engine ${on.engine.name} has not the image that ${builder} built: let that job push it, by a repository of its own, or build it again`,
    { cause: error },
  );
}
