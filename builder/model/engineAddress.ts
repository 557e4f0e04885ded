/** Where a Docker Engine listens. */
export type EngineAddress =
  | { kind: 'socket'; path: string }
  | { kind: 'tcp'; host: string; port: number }
  | SshAddress
  | { kind: 'tls'; host: string; port: number; certificates: CertificateFolder | Certificates };

/** The docker command on a machine that is reached by ssh talks to its engine. What is not said, the ssh config says. */
export interface SshAddress {
  kind: 'ssh';
  host: string;
  user?: string;
  port?: number;
}

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

type Variables = Readonly<Record<string, string | undefined>>;

const defaultSocket = '/var/run/docker.sock';
const mostPort = 65_535;

/** Neither name begins with "-": ssh would take it for an option. */
const sshShape =
  /^ssh:\/\/(?:(?<user>[\w.][\w.$+-]*)@)?(?:(?<host>\w[\w.-]*)|\[(?<ip>[\da-f:.]+)\])(?::(?<port>\d{1,5}))?\/?$/i;

/**
 * The engine that DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH name, else the default socket. A certificate
 * is always verified. Throws an Error with a sentence for the user where DOCKER_HOST cannot be understood.
 */
export function engineAddress(env: Variables): EngineAddress {
  const host = env['DOCKER_HOST'] ?? '';
  if (host === '') return { kind: 'socket', path: defaultSocket };
  if (host.startsWith('unix://'))
    return { kind: 'socket', path: host.slice('unix://'.length) || defaultSocket };
  if (host.startsWith('ssh://')) return sshAddress(host) ?? refuse(host);
  return tcpAddress(host, env);
}

function tcpAddress(text: string, env: Variables): EngineAddress {
  const { hostname, port } = tcpUrl(text);
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_CERT_PATH'])
    return { kind: 'tcp', host: hostname, port: port ?? 2375 };
  const folder = env['DOCKER_CERT_PATH'] || `${env['HOME'] ?? ''}/.docker`;
  return { kind: 'tls', host: hostname, port: port ?? 2376, certificates: { folder } };
}

/** Reads `ssh://[user@]host[:port]`; undefined where a text is something else. */
export function sshAddress(text: string): SshAddress | undefined {
  const { user, host, ip, port } = sshShape.exec(text)?.groups ?? {};
  const name = host ?? ip;
  if (name === undefined || (port !== undefined && !isPort(Number(port)))) return undefined;
  return {
    kind: 'ssh',
    host: name,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= mostPort;
}

function refuse(host: string): never {
  throw new Error(
    `DOCKER_HOST must be unix:///path, tcp://host:port or ssh://user@host, not ${shownAddress(host)}`,
  );
}

/** Without the password that somebody may have put into it. */
function shownAddress(text: string): string {
  return text.replace(/(:\/\/[^/@\s:]*):[^/@\s]*@/, '$1:…@');
}

function tcpUrl(text: string): { hostname: string; port: number | undefined } {
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`);
  if (!url || url.protocol !== 'tcp:' || url.hostname === '') return refuse(text);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { hostname, port: url.port === '' ? undefined : Number(url.port) };
}
