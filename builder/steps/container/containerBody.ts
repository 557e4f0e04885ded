import type { ContainerSpec } from '../../model/container.ts';
import { messageFolder, wayOf } from '../../model/containerMessage.ts';
import { BuildFault } from '../../model/faults.ts';
import { given } from '../../model/given.ts';
import { markLabels } from '../engine/labels.ts';
import { logConfig } from './engineLog.ts';

/** What `POST /containers/create` is told. Safe by default; nothing in a spec can make it less safe. */
export function containerBody(spec: ContainerSpec, environment: readonly string[]): object {
  const way = spec.message && wayOf(spec.message);
  return {
    Image: spec.image,
    ...given({
      Entrypoint: spec.entrypoint,
      Cmd: spec.command,
      WorkingDir: spec.workingDir,
      User: spec.user,
    }),
    Env: environment,
    Labels: markLabels(spec.mark),
    // With a terminal both streams would be one.
    Tty: false,
    AttachStdout: true,
    AttachStderr: true,
    ...(way === 'stdin' && { AttachStdin: true, OpenStdin: true, StdinOnce: true }),
    // An anonymous volume can be written to before the start, also where the root is read-only, and goes with the container.
    ...(way === 'file' && { Volumes: { [messageFolder]: {} } }),
    HostConfig: hostConfig(spec),
  };
}

function hostConfig({ limits, network, readOnly, tmpfs, user }: ContainerSpec): object {
  const { memoryBytes, cpus, pids } = limits;
  return {
    Init: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Privileged: false,
    IpcMode: 'private',
    PidsLimit: pids,
    ReadonlyRootfs: readOnly,
    RestartPolicy: { Name: 'no' },
    LogConfig: logConfig,
    ...(network !== undefined && { NetworkMode: checkedNetwork(network) }),
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(Object.keys(tmpfs).length > 0 && { Tmpfs: tmpfsOptions(tmpfs, user) }),
  };
}

/** The engine has words for a network that are no names of one: `host`, and `container:` with another one's. */
function checkedNetwork(network: string): string {
  if (/^[a-z0-9][\w.-]*$/i.test(network) && network.toLowerCase() !== 'host') return network;
  throw new BuildFault('container_invalid', `a container cannot have the network ${network}`);
}

/**
 * For everybody, and programs can be run there. The engine forgets the mode where the image has a folder of that name,
 * so that the user, where it is a number, owns it as well.
 */
function tmpfsOptions(
  tmpfs: Readonly<Record<string, number>>,
  user: string | undefined,
): Record<string, string> {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  const owner = `${uid === undefined ? '' : `,uid=${uid}`}${gid === undefined ? '' : `,gid=${gid}`}`;
  return Object.fromEntries(
    Object.entries(tmpfs).map(([path, bytes]) => [
      path,
      `rw,exec,nosuid,nodev,mode=1777${owner}${bytes > 0 ? `,size=${bytes}` : ''}`,
    ]),
  );
}
