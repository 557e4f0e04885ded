import { readFile } from 'node:fs/promises';
import { type EngineAddress, sshAddress } from '../../builder/model/engineAddress.ts';
import { ConfigError } from './mistakes.ts';
import type { EngineSettings } from './engineSchema.ts';

/** Where an engine of the settings listens, its certificates read. Throws a ConfigError where one cannot be. */
export async function readEngineAddress({ address, ca, cert, key }: EngineSettings): Promise<EngineAddress> {
  if (address.startsWith('unix://')) return { kind: 'socket', path: address.slice('unix://'.length) };
  const ssh = sshAddress(address);
  if (ssh) return ssh;
  const { hostname, port } = new URL(address);
  const server = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  if (ca === undefined) return { kind: 'tcp', ...server };
  const certificates = {
    ca: await read(ca),
    ...(cert && key ? { cert: await read(cert), key: await read(key) } : {}),
  };
  return { kind: 'tls', ...server, certificates };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ place: path, problem: `the certificate or key cannot be read: ${why}` }]);
  }
}
