import type { EngineComplaint } from '../../model/buildStreamMessage.ts';
import { BuildFault, type Reason } from '../../model/faults.ts';
import type { StepRecord } from '../../model/spec.ts';
import type { EngineRefusal } from './engineFaults.ts';

export const diskFull = /no space left on device/i;

/** What the engine says before a build starts, by its text: the status is 400 or 500 without a system. */
const refusals: [RegExp, Reason][] = [
  [diskFull, 'disk_full'],
  [/^cannot locate specified Dockerfile/i, 'dockerfile_missing'],
  [/^forbidden path outside the build context/i, 'dockerfile_missing'],
  [/^dockerfile parse error/i, 'dockerfile_invalid'],
  [/^failed to parse dockerfile/i, 'dockerfile_invalid'],
  [/^the Dockerfile .*cannot be empty/i, 'dockerfile_invalid'],
  [/^no build stage in current context/i, 'dockerfile_invalid'],
  [/^error processing tar file|unexpected EOF$/i, 'context_invalid'],
  [/^failed to reach build target/i, 'build_invalid'],
  [/^invalid (reference format|tag format)/i, 'build_invalid'],
  [/^invalid (from flag|argument|value)/i, 'build_invalid'],
];

/** A registry that may answer the next time. */
const registryAway =
  /toomanyrequests|i\/o timeout|TLS handshake timeout|connection refused|connection reset|Client\.Timeout|temporary failure|received unexpected HTTP status: 5|: EOF$/i;

/** A fault of the engine itself in the middle of a step. */
const engineFailed =
  /containerd\.sock|^rpc error|transport is closing|^ttrpc: closed|error creating overlay mount/i;

/** The engine refused a request. */
export function refusalFault(refusal: EngineRefusal): BuildFault {
  const known = refusals.find(([pattern]) => pattern.test(refusal.message))?.[1];
  const reason = known ?? (refusal.status < 500 ? 'build_invalid' : 'engine_error');
  return new BuildFault(reason, `the engine refused the build: ${refusal.message}`, { cause: refusal });
}

/** A step failed, and the engine is well. `step` is the one that ran. */
export function stepFault({ code, message }: EngineComplaint, step: StepRecord | undefined): BuildFault {
  const place = step ? `step ${step.number}/${step.total} (${short(step.instruction)})` : 'the build';
  // A RUN's message holds the command itself, so its words say nothing about the engine.
  if (code !== undefined)
    return new BuildFault('build_step_failed', `${place} failed with exit code ${code}`, { exitCode: code });
  const reason = reasonOf(message, step?.instruction ?? '');
  return new BuildFault(reason, `${place} failed: ${message}`);
}

function reasonOf(message: string, instruction: string): Reason {
  if (diskFull.test(message)) return 'disk_full';
  if (engineFailed.test(message)) return 'engine_error';
  if (/^FROM\s/i.test(instruction) || message.startsWith('invalid from flag value'))
    return /invalid reference format/.test(message)
      ? 'dockerfile_invalid'
      : registryAway.test(message)
        ? 'registry_unreachable'
        : 'base_image_not_found';
  if (/requires BuildKit/.test(message)) return 'dockerfile_invalid';
  if (/^(network .* not found|bad format for add-host|minimum memory limit|range of cpus)/i.test(message))
    return 'build_invalid';
  return 'build_step_failed';
}

/** An instruction on one line, as a sentence can hold it. */
export function short(instruction: string): string {
  const line = instruction.replaceAll(/\s+/g, ' ');
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
}
