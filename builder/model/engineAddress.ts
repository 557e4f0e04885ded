/** Where a Docker Engine listens. */
export type EngineAddress =
  | { kind: 'socket'; path: string }
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'tls'; host: string; port: number; certificates: CertificateFolder | Certificates };

/** A folder with ca.pem, cert.pem and key.pem, as DOCKER_CERT_PATH names one. */
export interface CertificateFolder {
  folder: string;
}

/** In PEM. Without `cert` and `key` the engine is verified, but does not learn who we are. */
export interface Certificates {
  ca: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

const defaultSocket = '/var/run/docker.sock';

/**
 * The engine that DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH name, else the default socket. A certificate
 * is always verified. Throws an Error with a sentence for the user where DOCKER_HOST cannot be understood.
 */
export function engineAddress(env: Readonly<Record<string, string | undefined>>): EngineAddress {
  const host = env['DOCKER_HOST'] ?? '';
  if (host === '') return { kind: 'socket', path: defaultSocket };
  if (host.startsWith('unix://'))
    return { kind: 'socket', path: host.slice('unix://'.length) || defaultSocket };
  const { hostname, port } = tcpUrl(host);
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_CERT_PATH'])
    return { kind: 'tcp', host: hostname, port: port ?? 2375 };
  const folder = env['DOCKER_CERT_PATH'] || `${env['HOME'] ?? ''}/.docker`;
  return { kind: 'tls', host: hostname, port: port ?? 2376, certificates: { folder } };
}

function tcpUrl(text: string): { hostname: string; port: number | undefined } {
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`);
  if (!url || url.protocol !== 'tcp:' || url.hostname === '')
    throw new Error(`DOCKER_HOST must be unix:///path or tcp://host:port, not ${text}`);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { hostname, port: url.port === '' ? undefined : Number(url.port) };
}
