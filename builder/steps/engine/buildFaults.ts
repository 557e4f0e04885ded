import type { BuildOutcome } from '../../model/buildStream.ts';
import { BuildFault } from '../../model/faults.ts';
import type { ImageOptions } from '../../model/spec.ts';
import { diskFull, refusalFault, stepFault } from './complaints.ts';
import type { ContextGuard } from './contextGuard.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, isConnectionError, transportFault } from './engineFaults.ts';
import { ranOutOfMemory } from './outOfMemory.ts';

interface BuildInPlace {
  engine: Engine;
  options: ImageOptions;
  signal: AbortSignal;
}

const killed = 137;

/** The id of the image that a build made whose answer ended cleanly; throws the BuildFault of a failed one. */
export async function builtImage(
  { engine, options, signal }: BuildInPlace,
  outcome: BuildOutcome,
  container: string | undefined,
): Promise<string> {
  const { error, imageId, incomplete, steps, tail } = outcome;
  if (!error && imageId !== undefined && !incomplete) return imageId;
  if (!error)
    throw new BuildFault('engine_lost', `the engine ${engine.name} ended the build without an image`);
  // An engine that shuts down kills its containers and reports that as a failed step.
  if (!(await answers(engine, signal)))
    throw new BuildFault(
      'engine_lost',
      `the engine ${engine.name} stopped during the build: ${error.message}`,
    );
  const fault = stepFault(error, steps.at(-1));
  if (error.code === undefined || container === undefined) throw fault;
  const told = withDisk(fault, error.code, outputOf(container, tail));
  throw await withMemory(told, error.code, { engine, options, signal }, container);
}

/** What a container printed, of the end of a build's output: its instruction stands before it, and may say anything. */
function outputOf(container: string, tail: string): string {
  return tail.split(` ---> Running in ${container}\n`).at(-1) ?? '';
}

/** The fault of a RUN that ended with `code`, with a hint where what it printed last speaks of a full disk. */
function withDisk(fault: BuildFault, code: number, output: string): BuildFault {
  if (!diskFull.test(output)) return fault;
  const hint = `its output says "no space left on device", so the engine's disk may be full`;
  return new BuildFault(fault.reason, `${fault.message}; ${hint}`, { exitCode: code });
}

/** The fault of a RUN that ended with `code`, as it is where the memory limit had a part in it. */
async function withMemory(
  fault: BuildFault,
  code: number,
  { engine, options, signal }: BuildInPlace,
  container: string,
): Promise<BuildFault> {
  const limited = options.memoryBytes !== undefined;
  if (code !== killed && !limited) return fault;
  const seen = await ranOutOfMemory(engine, container, signal);
  if (code === killed && (seen || limited)) {
    // An engine under load may lose the event of a container that ended at once.
    const cause = seen ? 'it passed the memory limit' : 'it was killed, as what passed the memory limit is';
    return new BuildFault('out_of_memory', `${fault.message}: ${cause}`, { exitCode: killed });
  }
  if (!seen) return fault;
  const sentence = `${fault.message}; the engine had killed a process that passed the memory limit`;
  return new BuildFault(fault.reason, sentence, { exitCode: code });
}

/** Which of all the things that may go wrong at once a build failed with. Throws what is no fault of a build. */
export function buildFault(
  { engine, signal }: Pick<BuildInPlace, 'engine' | 'signal'>,
  guard: Pick<ContextGuard, 'fault'>,
  error: unknown,
): BuildFault {
  if (signal.aborted) return stopped(signal.reason);
  if (guard.fault) return guard.fault;
  if (error instanceof EngineRefusal) return refusalFault(error);
  if (!(error instanceof BuildFault) && !isConnectionError(error)) throw error;
  const fault = transportFault(engine.name, error);
  return fault instanceof BuildFault ? fault : refusalFault(fault);
}

function stopped(reason: unknown): BuildFault {
  if (reason instanceof BuildFault) return reason;
  return new BuildFault('canceled', 'the build was stopped', { cause: reason });
}

/** Whether the engine is there. Throws the signal's reason. */
export async function answers(engine: Engine, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.ping(signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
