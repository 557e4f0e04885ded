import type { RegistryCredential } from '../../../builder/model/access.ts';
import type { ContainerResult, ContainerSpec, SeenLines } from '../../../builder/model/container.ts';
import { given } from '../../../builder/model/given.ts';
import { BuildFault, type Reason } from '../../../builder/model/faults.ts';
import type { BuildEvent, Mark } from '../../../builder/model/spec.ts';
import {
  type ContainerDeps,
  removeContainers,
  runContainer,
  takeOverContainer,
} from '../../../builder/runContainer.ts';
import type { Engine } from '../../../builder/steps/engine/engine.ts';
import { type MemoryLog, memoryLog, newMark } from '../engine/builds.ts';

export interface RunOrder extends Partial<ContainerSpec> {
  /** A shell script, in place of a command. */
  script?: string;
  secrets?: Record<string, string>;
  registries?: Record<string, RegistryCredential>;
  refusedRegistry?: string;
  log?: MemoryLog;
  signal?: AbortSignal;
  /** Goes on with what a predecessor began; its log is `log`. */
  takeOver?: boolean;
  /** What the successor is told that the log has; what it has where nothing is said. */
  seen?: SeenLines;
  /** Looks at the container before it is removed. */
  before?: (mark: Mark) => Promise<void>;
  keep?: boolean;
  goneTimeoutMs?: number;
}

export interface RunOutcome {
  result: ContainerResult | undefined;
  fault: BuildFault | undefined;
  log: MemoryLog;
  events: BuildEvent[];
  leftover: boolean;
  mark: Mark;
}

/** Runs a container of busybox, gives what came of it, and removes it. */
export async function runOne(engine: Engine, order: RunOrder): Promise<RunOutcome> {
  const outcome: RunOutcome = {
    result: undefined,
    fault: undefined,
    log: order.log ?? memoryLog(),
    events: [],
    leftover: false,
    mark: order.mark ?? newMark(),
  };
  const spec = specOf(order, outcome.mark);
  const deps = depsOf(engine, order, outcome);
  const signal = order.signal ?? new AbortController().signal;
  try {
    outcome.result = order.takeOver
      ? await takeOverContainer(deps, spec, order.seen ?? seenIn(outcome.log), signal)
      : await runContainer(deps, spec, signal);
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    outcome.fault = error;
  } finally {
    await order.before?.(outcome.mark);
    if (!order.keep) await removeContainers(engine, outcome.mark);
  }
  return outcome;
}

function specOf(order: RunOrder, mark: Mark): ContainerSpec {
  const { script, image, pull, env, limits, readOnly, tmpfs, stopGraceMs } = order;
  const { entrypoint, command, message, workingDir, user, network, result, credentials } = order;
  return {
    mark,
    image: image ?? 'busybox',
    pull: pull ?? 'missing',
    env: env ?? {},
    limits: limits ?? { pids: 64 },
    readOnly: readOnly ?? false,
    tmpfs: tmpfs ?? {},
    stopGraceMs: stopGraceMs ?? 1000,
    ...given({ entrypoint, message, workingDir, user, network, result, credentials }),
    ...given({ command: script === undefined ? command : ['sh', '-c', script] }),
  };
}

function depsOf(engine: Engine, order: RunOrder, outcome: RunOutcome): ContainerDeps {
  return {
    engine,
    access: {
      registry: async (host) => order.registries?.[host],
      secret: async (name) => {
        const value = order.secrets?.[name];
        if (value === undefined) throw new BuildFault('secret_refused', `no secret ${name}`);
        return value;
      },
      refusedRegistry: (host) => (host === order.refusedRegistry ? `${host} is refused` : undefined),
    },
    log: outcome.log,
    onEvent: (event) => outcome.events.push(event),
    onLeftover: () => (outcome.leftover = true),
    ...(order.goneTimeoutMs !== undefined && { goneTimeoutMs: order.goneTimeoutMs }),
  };
}

/** What a successor finds in the log. */
export function seenIn(log: MemoryLog): SeenLines {
  const [stdout, stderr] = [log.text('stdout'), log.text('stderr')];
  const bytes = Buffer.byteLength(stdout) + Buffer.byteLength(stderr);
  const newestAt = bytes === 0 ? undefined : Date.now();
  return { stdout: stdout.split('\n').length - 1, stderr: stderr.split('\n').length - 1, bytes, newestAt };
}

/** A signal, and what aborts it for a reason. */
export function stopper(): { signal: AbortSignal; stop: (reason: Reason) => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(new BuildFault(reason, `stopped: ${reason}`)),
  };
}
