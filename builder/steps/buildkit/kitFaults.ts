import type { KitOutcome } from '../../model/buildkit/kitStream.ts';
import { parseStepName } from '../../model/buildkit/kitSteps.ts';
import { isCanceled, type KitVertex } from '../../model/buildkit/status.ts';
import { BuildFault, type Reason } from '../../model/faults.ts';
import { short } from '../engine/complaints.ts';

/** A RUN that failed; BuildKit's own words, behind those of the command. */
const exitCode = /exit code: (\d+)$/;

/** What BuildKit puts around the words that matter. */
const wrapping =
  /^(?:failed to solve(?: with frontend [\w./:-]+)?|failed to create LLB definition|failed to build LLB|rpc error: code = \w+ desc =|error from sender|failed to load cache key|failed to compute cache key|failed to calculate checksum of ref \S+|failed to copy)(?:: ?|\s)/;

const known: readonly [RegExp, Reason][] = [
  [/no space left on device/i, 'disk_full'],
  [
    /failed to do request|i\/o timeout|TLS handshake timeout|no such host|connection (refused|reset)|toomanyrequests|unexpected status.*: 5\d\d|temporary failure/i,
    'registry_unreachable',
  ],
  [/failed to read dockerfile/i, 'dockerfile_missing'],
  [/target stage .* (could not be|not) found|failed to reach build target/i, 'build_invalid'],
  [
    /network mode .* not supported|invalid reference format: |extra hosts?|invalid platform/i,
    'build_invalid',
  ],
  [
    /dockerfile parse error|unknown instruction|no build stage|the Dockerfile .* cannot be empty|failed to parse|requires BuildKit|unknown flag|invalid reference format|circular dependency|base name .* should not be blank/i,
    'dockerfile_invalid',
  ],
  [
    /pull access denied|insufficient_scope|authorization failed|unexpected status.*: 40\d|no match for platform|failed to resolve source metadata|manifest unknown/i,
    'base_image_not_found',
  ],
  [
    /containerd\.sock|transport is closing|ttrpc: closed|error creating overlay mount|no active session|session .* not found/i,
    'engine_error',
  ],
];

/** The fault of a build whose answer ended with an error, on an engine that is well. */
export function kitFault({ error, failed }: KitOutcome): BuildFault {
  if (failed) return nodeFault(failed);
  const message = unwrapped(error?.message ?? 'the engine gave no reason');
  return new BuildFault(reasonOf(message, ''), `the build failed: ${message}`);
}

function nodeFault({ name, error }: KitVertex): BuildFault {
  const message = unwrapped(error);
  const instruction = parseStepName(name)?.instruction ?? '';
  const place = short(name.replace(/^\[internal\] /, ''));
  const code = exitCode.exec(message)?.[1];
  if (/^RUN\s/i.test(instruction) && code !== undefined)
    return new BuildFault('build_step_failed', `${place} failed with exit code ${code}`, {
      exitCode: Number(code),
    });
  return new BuildFault(reasonOf(message, name), `${place} failed: ${message}`);
}

function reasonOf(message: string, name: string): Reason {
  // The words of a RUN's own command say nothing about the engine.
  const words = message.replace(/process "[\s\S]*" did not|executor failed running \[[\s\S]*\]/, '');
  const found = known.find(([pattern]) => pattern.test(words))?.[1];
  if (found) return found;
  if (/^\[internal\] load metadata|(?:^|\] )FROM\s/.test(name)) return 'base_image_not_found';
  return name === '' ? 'engine_error' : 'build_step_failed';
}

function unwrapped(message: string): string {
  let text = message;
  for (let shorter = text.replace(wrapping, ''); shorter !== text; shorter = text.replace(wrapping, ''))
    text = shorter;
  return text;
}

/** Whether the build ended as one does whose engine or session went away. */
export function wasCutOff({ error, failed }: KitOutcome): boolean {
  return failed === undefined && error !== undefined && isCanceled({ error: error.message });
}
