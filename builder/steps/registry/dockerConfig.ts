import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryCredential } from '../../model/access.ts';
import { BuildFault } from '../../model/faults.ts';
import { dockerHub } from '../../model/imageReference.ts';
import { asRecord, asText } from '../engine/answers.ts';
import { askCredentialHelper } from './credentialHelper.ts';
import { keyOf } from './registryHeaders.ts';

export interface DockerConfigOptions {
  /** The folder of config.json; DOCKER_CONFIG or ~/.docker where nothing is said. */
  folder?: string;
  /** For the credential helpers, which find their own settings there. */
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

/**
 * What the configuration of the docker command line has for a registry: a credential helper for this host, else the one for
 * all hosts, else what stands in the file. Undefined where there is nothing; a BuildFault `registry_auth` where the
 * file cannot be read or the helper fails.
 */
export async function dockerConfigCredential(
  host: string,
  { folder, env, signal }: DockerConfigOptions,
): Promise<RegistryCredential | undefined> {
  const config = await readConfig(folder ?? defaultFolder(env));
  const helpers = asRecord(config['credHelpers']);
  const helper = asText(helpers[keyOf(host)] ?? helpers[host] ?? config['credsStore']);
  if (helper !== '') return askCredentialHelper(helper, keyOf(host), { env, signal });
  return credentialIn(asRecord(config['auths']), host);
}

function defaultFolder(env: DockerConfigOptions['env']): string {
  return env['DOCKER_CONFIG'] || join(env['HOME'] ?? '/', '.docker');
}

const maxBytes = 1024 * 1024;

async function readConfig(folder: string): Promise<Record<string, unknown>> {
  const path = join(folder, 'config.json');
  try {
    const found = await stat(path);
    // To read from a pipe would be to wait for somebody who writes.
    if (!found.isFile() || found.size > maxBytes) throw new Error('it is no file of at most 1 MiB');
    return asRecord(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    // The parser's own words would show a piece of the file.
    const why = error instanceof SyntaxError ? 'it is no JSON' : messageOf(error);
    throw new BuildFault('registry_auth', `${path} cannot be used: ${why}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Older programs wrote addresses where newer ones write hosts. */
function credentialIn(auths: Record<string, unknown>, host: string): RegistryCredential | undefined {
  const hosts = host === dockerHub ? [dockerHub, 'index.docker.io'] : [host];
  const named = Object.keys(auths).filter((key) => hosts.includes(hostOf(key)));
  const entries = [keyOf(host), ...named].map((key) => credentialOf(asRecord(auths[key])));
  return entries.find((entry) => entry !== undefined);
}

function hostOf(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
}

function credentialOf(entry: Record<string, unknown>): RegistryCredential | undefined {
  const identityToken = asText(entry['identitytoken']);
  if (identityToken !== '') return { identityToken };
  const decoded = Buffer.from(asText(entry['auth']), 'base64').toString();
  const colon = decoded.indexOf(':');
  const [username, password] =
    colon > 0
      ? [decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, '')]
      : [asText(entry['username']), asText(entry['password'])];
  const email = asText(entry['email']);
  return username === '' ? undefined : { username, password, ...(email !== '' && { email }) };
}
