import type { RegistryCredential } from '../../model/access.ts';
import { dockerHub } from '../../model/imageReference.ts';

/** What Docker calls its own registry wherever credentials are kept. */
const dockerHubKey = 'https://index.docker.io/v1/';

/**
 * The header that a push wants: the credential for the registry that it goes to. Without one the push is anonymous.
 * The engine uses it for no other host.
 */
export function registryAuthHeader(
  credential: RegistryCredential | undefined,
  host: string,
): { 'X-Registry-Auth': string } {
  return { 'X-Registry-Auth': encoded(credential ? loginOf(credential, host) : {}) };
}

/** The header of a build: credentials by the hosts of the registries that it pulls from. None where there are none. */
export function registryConfigHeader(
  credentials: ReadonlyMap<string, RegistryCredential>,
): Record<string, string> {
  if (credentials.size === 0) return {};
  const logins: Record<string, object> = {};
  for (const [host, credential] of credentials) logins[keyOf(host)] = loginOf(credential, host);
  return { 'X-Registry-Config': encoded(logins) };
}

/** Under which key the credential of a registry is kept. */
export function keyOf(host: string): string {
  return host === dockerHub ? dockerHubKey : host;
}

function loginOf(credential: RegistryCredential, host: string): object {
  const serveraddress = keyOf(host);
  return 'identityToken' in credential
    ? { identitytoken: credential.identityToken, serveraddress }
    : { ...credential, serveraddress };
}

/** The engine takes a header without its padding for none, and says nothing. */
function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
