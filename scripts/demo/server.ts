import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const usualPort = 5000;
const longestStartMs = 30_000;
const longestStopMs = 15_000;
const main = path.join(import.meta.dirname, '../../server/main.js');

export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Settles with a sentence when the server ends before it was told to. */
  died: Promise<string>;
}

export interface ServerPlan {
  /** Everything the server writes goes below it. */
  folder: string;
  /** As in DOCKER_HOST. */
  engine: string;
  /** As in DOCKER_BUILDER_GIT_URL. */
  gitUrl: string;
}

/** Starts the server as a process of its own and waits until it answers. */
export async function startServer(plan: ServerPlan, signal: AbortSignal): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = path.join(plan.folder, 'server.log');
  const child = await spawnServer(plan, port, log);
  const died = once(child, 'exit').then(() => lastWords(log));
  const server = { url, died, [Symbol.asyncDispose]: () => stop(child) };
  try {
    await untilHealthy(url, died, signal);
    return server;
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** In its own process group, because Ctrl-C goes to a whole group and the demo wants to stop it in its own order. */
async function spawnServer(plan: ServerPlan, port: number, log: string): Promise<ChildProcess> {
  const data = path.join(plan.folder, 'data');
  await mkdir(data);
  const usual = Object.entries(process.env).filter(([name]) => !name.startsWith('DOCKER_BUILDER_'));
  const env = {
    ...Object.fromEntries(usual),
    DOCKER_HOST: plan.engine,
    NODE_COMPILE_CACHE: path.join(plan.folder, 'compile-cache'),
    DOCKER_BUILDER_PORT: String(port),
    DOCKER_BUILDER_DATA: data,
    DOCKER_BUILDER_GIT_URL: plan.gitUrl,
  };
  await using output = await open(log, 'w');
  const child = spawn(main, {
    env,
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  });
  await once(child, 'spawn');
  return child;
}

async function untilHealthy(url: string, died: Promise<string>, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + longestStartMs;
  let end: string | undefined;
  void died.then((words) => (end = words));
  while (!(await isHealthy(url))) {
    signal.throwIfAborted();
    if (end !== undefined) throw new Error(end);
    if (Date.now() > deadline) throw new Error(`The server does not answer at ${url}/health.`);
    await sleep(25, undefined, { signal });
  }
}

async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), longestStopMs);
  await ended;
  clearTimeout(kill);
}

/** The port of the README where it is free, else any. */
async function freePort(): Promise<number> {
  return (await tryPort(usualPort)) ?? (await tryPort(0)) ?? usualPort;
}

async function tryPort(port: number): Promise<number | undefined> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return undefined;
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' ? address?.port : undefined;
}

async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return `The server ended by itself. Its last words:\n${text.trimEnd().split('\n').slice(-15).join('\n')}`;
}
