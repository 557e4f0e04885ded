import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Environment } from './config/environment.ts';
import { StartError } from './startError.ts';

/** Resolves with the address when connections are taken. Throws a StartError with what to do where they cannot be. */
export async function listen(
  server: Server,
  { listen: host, port }: Pick<Environment, 'listen' | 'port'>,
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(reasonOf(error, host, port), { cause: error });
  }
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

/** Closes the server: those who are being answered get `graceMs`, then they are cut off. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}

function reasonOf(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${host} is in use: stop the other program, or set DOCKER_BUILDER_PORT to another`;
  if (code === 'EACCES')
    return `port ${port} may not be used by this user: set DOCKER_BUILDER_PORT to one above 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: set DOCKER_BUILDER_LISTEN to one`;
  return `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}
