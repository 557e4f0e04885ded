import Docker from 'dockerode';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { startEngine } from '../../test/fixtures/engine.ts';
import { findProgram, installPackages } from './packages.ts';

/** A Docker Engine that answers. */
export interface Engine extends AsyncDisposable {
  /** As in DOCKER_HOST, e.g. `unix:///var/run/docker.sock`. */
  host: string;
  version: string;
  /** Ours alone: it goes away with all its images when the demo ends. */
  isPrivate: boolean;
}

/** The machine's own engine; where there is none, a private one, whose parts are installed if need be. */
export async function findEngine(say: (line: string) => void): Promise<Engine> {
  const named = process.env['DOCKER_HOST'];
  if (named)
    return ownEngine(named, await versionOf(named, 'DOCKER_HOST names an engine that does not answer'));
  const usual = await firstAnswering(usualSockets());
  if (usual) return usual;

  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error(noEngine);
  if (!findProgram('dockerd')) {
    say('No Docker Engine on this machine: installing docker.io with apt-get');
    await installPackages('docker.io', 'iproute2');
    const installed = await firstAnswering(usualSockets());
    if (installed) return installed;
  }
  say('No Docker Engine is running: starting a private one, which goes away with this demo');
  return privateEngine();
}

/** The tests' throw-away engine: own folder, own bridge, own namespaces; it shares nothing with any other engine. */
async function privateEngine(): Promise<Engine> {
  const engine = await startEngine();
  const version = await versionOf(engine.host, 'The private engine does not answer');
  return { host: engine.host, version, isPrivate: true, [Symbol.asyncDispose]: () => engine.close() };
}

const noEngine = `No Docker Engine answers here.
Start Docker, or set DOCKER_HOST to one (for example DOCKER_HOST=tcp://build-machine:2375), then run \`make demo\` again.
If it runs, your user may not use its socket: on Linux that takes the group docker.
On Linux as root the demo brings an engine of its own.`;

function usualSockets(): string[] {
  const runtimeFolder = process.env['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock',
    ...(runtimeFolder ? [path.join(runtimeFolder, 'docker.sock')] : []),
    path.join(homedir(), '.docker/run/docker.sock'),
  ];
}

async function firstAnswering(sockets: string[]): Promise<Engine | undefined> {
  for (const socket of sockets.filter((file) => existsSync(file))) {
    const host = `unix://${socket}`;
    const version = await versionOf(host, '').catch(() => undefined);
    if (version) return ownEngine(host, version);
  }
  return undefined;
}

function ownEngine(host: string, version: string): Engine {
  return { host, version, isPrivate: false, async [Symbol.asyncDispose]() {} };
}

async function versionOf(host: string, sentence: string): Promise<string> {
  process.env['DOCKER_HOST'] = host;
  try {
    const { Version } = await new Docker({ timeout: 10_000 }).version();
    return Version;
  } catch (cause) {
    throw new Error(`${sentence} (${host}): ${String(cause)}`, { cause });
  }
}
