import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Listed, listTar } from './tarList.ts';

const run = promisify(execFile);

export interface FakeDaemon {
  /** What the docker CLI sends for a folder; undefined where the CLI refuses. */
  contextOf(folder: string, dockerfile: string): Promise<Listed[] | undefined>;
  close(): Promise<void>;
}

/** Listens where the docker CLI expects an engine, and keeps the list of the context that it is sent. */
export async function startFakeDaemon(): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'daemon-'));
  const socket = join(folder, 'docker.sock');
  const contexts = new Map<string, Listed[]>();
  const server = createServer((request, response) => void answer(contexts, request, response));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    contextOf: async (context, dockerfile) => {
      const tag = `case:${contexts.size}-${Math.random().toString(36).slice(2)}`;
      const args = ['build', '--tag', tag, '--file', join(context, dockerfile), context];
      const env = {
        ...process.env,
        DOCKER_HOST: `unix://${socket}`,
        DOCKER_BUILDKIT: '0',
        DOCKER_CONFIG: folder,
      };
      await run('docker', args, { env, timeout: 20_000 }).catch(() => undefined);
      return contexts.get(tag);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

async function answer(
  contexts: Map<string, Listed[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('Api-Version', '1.41');
  response.setHeader('Ostype', 'linux');
  const url = new URL(request.url ?? '/', 'http://daemon');
  if (!url.pathname.endsWith('/build')) return void response.end('OK');
  try {
    contexts.set(url.searchParams.get('t') ?? '', await listTar(request));
    response.end('{"stream":"done"}\n');
  } catch {
    response.destroy();
  }
}
