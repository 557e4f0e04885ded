import { cutText } from './cutText.ts';
import type { Phase } from './spec.ts';

interface FaultKind {
  /** Where it usually happens; the fault itself may say otherwise. */
  phase?: Phase;
  /** Whether trying again on the same commit can help. */
  retryable: boolean;
  /** What it means and what to do about it. */
  meaning: string;
}

/**
 * Every way in which a build can end without an image. `docs/reasons.md` lists the same, a test keeps them equal.
 */
export const faultKinds = {
  source_refused: {
    phase: 'clone',
    retryable: false,
    meaning:
      'The address or ref of the source is not allowed here. Allow its scheme and host in settings.json.',
  },
  source_not_found: {
    phase: 'clone',
    retryable: false,
    meaning:
      'The repository does not exist, or the credential may not see it. Check account, repo and api_token.',
  },
  source_auth: {
    phase: 'clone',
    retryable: false,
    meaning:
      'The git server refused the credential, or wants one. Give api_token or DOCKER_BUILDER_APITOKEN.',
  },
  source_unreachable: {
    phase: 'clone',
    retryable: true,
    meaning: 'The git server could not be reached or stopped sending. It is tried again.',
  },
  source_invalid: {
    phase: 'clone',
    retryable: false,
    meaning: 'The repository could be fetched but not read: a broken submodule, LFS object or tree.',
  },
  ref_not_found: {
    phase: 'clone',
    retryable: false,
    meaning: 'The repository has no such branch, tag or commit. Push it first, or check the spelling.',
  },
  bobfile_missing: {
    phase: 'clone',
    retryable: false,
    meaning: 'The commit has no such Bobfile. Check its path, or ask without one to build the Dockerfile.',
  },
  bobfile_invalid: {
    phase: 'clone',
    retryable: false,
    meaning: 'The Bobfile has mistakes; the log lists each with its line. `docker-builder lint` finds them.',
  },
  secret_refused: {
    phase: 'build',
    retryable: false,
    meaning: 'There is no such secret in settings.json, or not for this project or this kind of ref.',
  },
  dockerfile_missing: {
    phase: 'build',
    retryable: false,
    meaning: 'The commit has no such Dockerfile. Check its path.',
  },
  dockerfile_invalid: {
    phase: 'build',
    retryable: false,
    meaning: 'The Dockerfile is empty, not a regular file, or not understood by the engine.',
  },
  build_invalid: {
    phase: 'build',
    retryable: false,
    meaning: 'The engine refused the request: an option, tag or target is not valid.',
  },
  base_image_not_found: {
    phase: 'build',
    retryable: false,
    meaning: 'The image named by FROM is not there, or the registry refuses it.',
  },
  registry_unreachable: {
    phase: 'build',
    retryable: true,
    meaning: 'A registry did not answer, or takes no more requests now. It is tried again.',
  },
  registry_auth: {
    phase: 'push',
    retryable: false,
    meaning: 'The registry refused the credential, or wants one. Give one for its host in settings.json.',
  },
  registry_denied: {
    phase: 'push',
    retryable: false,
    meaning: 'The registry does not let this credential push there, or has no such repository.',
  },
  push_failed: {
    phase: 'push',
    retryable: false,
    meaning: 'The registry did not take the image. The log has its answer.',
  },
  image_name_refused: {
    phase: 'build',
    retryable: false,
    meaning: 'This project may not name images so. The settings say who may use a registry.',
  },
  platform_unavailable: {
    phase: 'build',
    retryable: false,
    meaning: 'No engine builds for this platform. Give one the label platform=<os/arch> in settings.json.',
  },
  context_too_large: {
    phase: 'build',
    retryable: false,
    meaning: 'The build context passes the limit. Add a .dockerignore or raise limits.contextBytes.',
  },
  context_invalid: {
    phase: 'build',
    retryable: false,
    meaning: 'The build context cannot be packed: a path leaves it, or .dockerignore is not valid.',
  },
  build_step_failed: {
    phase: 'build',
    retryable: false,
    meaning: 'An instruction of the Dockerfile failed. The log ends with its output; exit_code is its own.',
  },
  image_not_found: {
    phase: 'clone',
    retryable: false,
    meaning: 'The image of a container job is not there, or the registry refuses it. Check its name.',
  },
  container_invalid: {
    phase: 'build',
    retryable: false,
    meaning: 'The engine refused the container: an option, its network or its command is not valid.',
  },
  command_failed: {
    phase: 'build',
    retryable: false,
    meaning:
      'The command of a container ended with another exit code than 0. It is tried again where its job says max_attempts.',
  },
  container_lost: {
    phase: 'build',
    retryable: true,
    meaning: 'The container was removed while it ran, and not by us. The run is tried again.',
  },
  result_invalid: {
    phase: 'push',
    retryable: false,
    meaning: 'The result that a container job is to leave is not there, no JSON, or longer than 1 MiB.',
  },
  out_of_memory: {
    phase: 'build',
    retryable: false,
    meaning: 'A step was killed because it passed the memory limit. Raise the limit or use less.',
  },
  engine_unreachable: {
    phase: 'build',
    retryable: true,
    meaning: 'The Docker Engine did not answer. It is tried again; check that it runs.',
  },
  engine_lost: {
    phase: 'build',
    retryable: true,
    meaning: 'The Docker Engine stopped in the middle of the build. It is tried again.',
  },
  engine_error: {
    phase: 'build',
    retryable: true,
    meaning: 'The Docker Engine failed by itself. It is tried again; its own log says more.',
  },
  disk_full: {
    phase: 'build',
    retryable: false,
    meaning: 'A disk is full: of the engine, or of the data folder. Free space, then ask again.',
  },
  timeout: {
    retryable: false,
    meaning: 'The attempt took longer than its limit. Raise timeout, or make the build faster.',
  },
  canceled: { retryable: false, meaning: 'Somebody canceled the run.' },
  lost: { retryable: true, meaning: 'The server that ran the attempt is gone. It is tried again.' },
  released: {
    retryable: true,
    meaning: 'The server was shut down and gave the attempt back. It goes on by itself.',
  },
  internal: {
    retryable: false,
    meaning: 'A fault of the build server itself. Its log says more; please report it.',
  },
} as const satisfies Record<string, FaultKind>;

export type Reason = keyof typeof faultKinds;

export interface FaultDetails {
  phase?: Phase;
  exitCode?: number;
  cause?: unknown;
}

/** Why a build ended without an image: a reason from the catalogue and one sentence for a person. */
export class BuildFault extends Error {
  readonly reason: Reason;
  readonly phase: Phase | undefined;
  readonly exitCode: number | undefined;

  constructor(reason: Reason, sentence: string, details: FaultDetails = {}) {
    super(cutText(sentence), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BuildFault';
    this.reason = reason;
    const kind: FaultKind = faultKinds[reason];
    this.phase = details.phase ?? kind.phase;
    this.exitCode = details.exitCode;
  }

  get retryable(): boolean {
    return faultKinds[this.reason].retryable;
  }
}
