import { BuildFault, type Reason } from '../../model/faults.ts';
import type { Phase } from '../../model/spec.ts';
import { EngineRefusal, isConnectionError, transportFault } from '../engine/engineFaults.ts';
import type { ContainerRun } from './containerRun.ts';
import type { KnownContainer } from './lookAtContainer.ts';

const notFound = 127;
const notExecutable = 126;
const killed = 137;
/** From here on a signal ended the command. */
const bySignal = 128;

/**
 * What the engine says of a container that it cannot make or start; the first that fits. Its sentences hold paths of the
 * job and of its image, so that words alone prove nothing: a full disk is what a sentence ends with.
 */
const refusals: [RegExp, Reason, exitCode?: number][] = [
  [/too many links in /i, 'container_invalid'],
  [/no space left on device(?:: unknown)?$/i, 'disk_full'],
  [/OOM-killed|memory limit too low/i, 'out_of_memory'],
  [/executable file not found|no such file or directory: unknown/i, 'container_invalid', notFound],
  [/exec: .*(?:permission denied|is a directory|exec format error)/i, 'container_invalid', notExecutable],
  [
    /network .* not found|unable to find user|unable to find group|argument list too long/i,
    'container_invalid',
  ],
  // What only the container itself can be the cause of says nothing about the engine.
  [/error during container init|error closing exec fds/i, 'container_invalid'],
  [/not a directory|is a directory|over existing file|file name too long/i, 'container_invalid'],
];

/** The engine refused to make or to start a container. */
function containerRefusal(refusal: EngineRefusal, phase: Phase): BuildFault {
  const [, known, exitCode] = refusals.find(([pattern]) => pattern.test(refusal.message)) ?? [];
  const reason = known ?? (refusal.status < 500 ? 'container_invalid' : 'engine_error');
  const details = exitCode === undefined ? {} : { exitCode };
  return new BuildFault(reason, `the engine refused the container: ${refusal.message}`, {
    ...details,
    phase,
    cause: refusal,
  });
}

/** Which fault it is that the engine or a connection to it failed with; what is none stays as it is. */
export function containerFault(engine: string, error: unknown, phase: Phase): unknown {
  if (error instanceof EngineRefusal) return containerRefusal(error, phase);
  return isConnectionError(error) ? transportFault(engine, error) : error;
}

/** Whether the connection broke, so that it is worth looking again what became of the container. */
export function isBreak(error: unknown): boolean {
  if (error instanceof BuildFault)
    return error.reason === 'engine_lost' || error.reason === 'engine_unreachable';
  return isConnectionError(error);
}

/** Whether a connection broke because the container did not want its input, which says nothing about the engine. */
export function isUnreadInput(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Throws the BuildFault of a container that did not end with 0. */
export function checkEnd(
  { spec, wasBroken, wasShutDown }: Pick<ContainerRun, 'spec' | 'wasBroken' | 'wasShutDown'>,
  { exitCode, outOfMemory }: KnownContainer,
): void {
  if (exitCode === 0 && !wasShutDown) return;
  const sentence = `the container ended with exit code ${exitCode}`;
  if (outOfMemory)
    throw new BuildFault('out_of_memory', `${sentence}: it passed the memory limit`, { exitCode });
  // An engine that stops ends its containers, and does not say so.
  if (wasShutDown || (wasBroken && exitCode >= bySignal))
    throw new BuildFault('engine_lost', `${sentence} while the engine was not there to be asked`, {
      exitCode,
    });
  // An engine under load may lose the event of a container that ended at once.
  if (exitCode === killed && spec.limits.memoryBytes !== undefined)
    throw new BuildFault('out_of_memory', `${sentence}: it was killed, as what passed the memory limit is`, {
      exitCode,
    });
  throw new BuildFault('command_failed', `${sentence}${hint(exitCode)}`, { exitCode });
}

function hint(exitCode: number): string {
  if (exitCode === notFound) return ': the command, or one that it runs, was not found';
  return exitCode === notExecutable ? ': the command, or one that it runs, cannot be executed' : '';
}
