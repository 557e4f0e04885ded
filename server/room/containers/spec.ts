import type { ContainerLimits, ContainerSpec } from '../../../builder/model/container.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import { given } from '../../../builder/model/given.ts';
import { runNetwork } from '../../../builder/model/runNetwork.ts';
import type { Mark } from '../../../builder/model/spec.ts';
import type { ContainerDefinition, Job } from '../../words/job.ts';
import type { EngineTerms } from '../engines/seat.ts';
import { least } from '../least.ts';
import type { Policy } from '../room.ts';

/** What counts for a container on one engine. */
export interface ContainerRules extends Pick<Policy, 'buildMemoryBytes' | 'buildCpus'> {
  engine: EngineTerms;
}

const usualPids = 512;
const usualGraceSecs = 10;
/** What is nobody's to have: the machine's own network, and what may be the network of somebody else's container. */
const refusedNetwork = /^(?:host$|container:)/i;

/**
 * What the builder is asked for, but for the image, the message and what tells of the run. Throws a BuildFault:
 * container_invalid.
 */
export function containerSpec(
  container: ContainerDefinition,
  mark: Mark,
  rules: ContainerRules,
): Omit<ContainerSpec, 'image' | 'message'> {
  const { command, entrypoint, env = {}, workingDir, user, credentials, result } = container;
  const { readOnly = false, tmpfs = {}, pull = 'missing', stopGraceSecs = usualGraceSecs } = container;
  const network = networkOf(container.network, rules.engine.network);
  return {
    mark,
    pull,
    env,
    readOnly,
    tmpfs,
    limits: limitsOf(container, rules),
    stopGraceMs: stopGraceSecs * 1000,
    ...given({ command, entrypoint, workingDir, user, credentials, network, result }),
  };
}

/** The job's container; without one it is no job for a container. */
export function containerOf({ id, definition: { container } }: Job): ContainerDefinition {
  if (!container) throw new Error(`job ${id} is no container job`);
  return container;
}

/** The least of what the job asks for, and of what the settings allow in general and on the engine. */
function limitsOf(
  { memoryBytes, cpus, pidsLimit = usualPids }: ContainerDefinition,
  { buildMemoryBytes, buildCpus, engine }: ContainerRules,
): ContainerLimits {
  return {
    pids: pidsLimit,
    ...given({
      memoryBytes: least(memoryBytes, buildMemoryBytes, engine.memoryBytes),
      cpus: least(cpus, buildCpus, engine.cpus),
    }),
  };
}

/** At most what the engine's settings allow; undefined is its usual network. The host's stays out of it, whoever says it. */
function networkOf(wish: string | undefined, allowed: string | undefined): string | undefined {
  if (wish !== undefined && refusedNetwork.test(wish))
    throw new BuildFault('container_invalid', `no container job may have the network ${wish}`);
  const own = allowed === 'host' ? undefined : allowed;
  const network = runNetwork(isUsual(wish) ? undefined : wish, own);
  return isUsual(network) ? undefined : network;
}

function isUsual(network: string | undefined): boolean {
  return network === 'bridge' || network === 'default';
}
