import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../fixtures/waitFor.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

/** The Docker Engine of another release of Debian. */
export interface DebianEngine {
  host: string;
  close(): Promise<void>;
}

/** Becomes the root of its own mount namespace, so that runc may pivot again: $1 the system, $2 the engine's folder. */
const enter = `set -e
system=$1; folder=$2; shift 2
mount --bind "$system" "$system"
cd "$system"
mkdir -p old engine
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount --bind "$folder" engine
pivot_root . old
exec chroot . sh -c 'umount -l /old; exec dockerd "$@"' sh "$@"`;

/** Starts the engine of a release, e.g. `trixie`. Its system, about 800 MB, is fetched once and kept in .toolchain/. */
export async function startDebianEngine(release: string): Promise<DebianEngine> {
  const system = await systemOf(release);
  const folder = await mkdtemp('/tmp/docker-builder-engine-');
  const bridge = `dbc${process.pid}`;
  await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await run('ip', ['addr', 'add', '172.31.251.1/24', 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  const namespaces = [
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const folders = ['--data-root=/engine/data', '--exec-root=/engine/exec', '--pidfile=/engine/pid'];
  const network = [`--bridge=${bridge}`, '--iptables=false', '--ip6tables=false', '--ip-masq=false'];
  const daemon = ['--host=unix:///engine/docker.sock', ...folders, ...network];
  const holder = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', enter, 'sh', system, folder, ...daemon],
    { stdio: ['ignore', 'inherit', 'ignore'], detached: true },
  );
  const close = async () => {
    const ended = holder.exitCode === null && holder.signalCode === null ? once(holder, 'exit') : undefined;
    holder.kill('SIGKILL');
    await ended;
    await run('ip', ['link', 'del', bridge]);
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  const socket = path.join(folder, 'docker.sock');
  try {
    await waitFor('the engine to listen', () => answers(socket), 30_000);
  } catch (error) {
    await close();
    throw error;
  }
  return { host: `unix://${socket}`, close };
}

async function systemOf(release: string): Promise<string> {
  const system = path.join(root, '.toolchain', `debian-${release}`);
  if (existsSync(path.join(system, 'usr/sbin/dockerd'))) return system;
  await run(path.join(root, 'scripts/packages.sh'), ['debootstrap']);
  const unfinished = `${system}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const what = ['--variant=minbase', '--include=docker.io,ca-certificates', release, unfinished];
  await run('debootstrap', what, { maxBuffer: 64 * 1024 * 1024 }).catch(async (error: unknown) => {
    const log = await readFile(path.join(unfinished, 'debootstrap/debootstrap.log'), 'utf8').catch(() => '');
    throw new Error(`debootstrap could not make ${release}:\n${log.slice(-2000)}`, { cause: error });
  });
  await rename(unfinished, system);
  return system;
}

function answers(socket: string): Promise<boolean> {
  const ping = ['--silent', '--fail', '--max-time', '2', '--unix-socket', socket, 'http://engine/_ping'];
  return run('curl', ping).then(
    () => true,
    () => false,
  );
}
