import type { RegistryCredential } from '../../model/access.ts';
import { dockerHub, isLoopbackHost } from '../../model/imageReference.ts';
import type { LogSink } from '../../model/log.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import { type Answer, exchange } from './exchange.ts';
import { answerFault, RegistryFault } from './registryFaults.ts';
import { fetchToken } from './token.ts';
import { tryAgain } from './tryAgain.ts';

export interface RegistryAccess {
  /** With its port; `docker.io` for Docker Hub. */
  host: string;
  /** The repository that is worked on, which is all that tokens are asked for. */
  path: string;
  /** For `host`. It is sent to that host, and to the token server that this host names. */
  credential?: RegistryCredential | undefined;
  log: LogSink;
  signal: AbortSignal;
  /** Time before the first retry, in milliseconds; 1 s where nothing is said. */
  firstPauseMs?: number | undefined;
}

export interface RegistryRequest {
  method: 'GET' | 'PUT';
  /** Below the repository, e.g. `manifests/latest`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** What it is about, for the sentence of a fault. */
  what: string;
}

/** One repository of a registry, by the HTTP API of the distribution protocol. */
export interface RegistryClient {
  /**
   * Gives an answer of 200 to 299. What may pass is tried again, see `tryAgain`. Rejects with a RegistryFault, or with the
   * signal's reason.
   */
  send(request: RegistryRequest): Promise<Answer>;
}

const mostRedirects = 3;

/** Asks nothing yet. Plain HTTP is spoken with this machine only, as the engine does. */
export function openRegistry(access: RegistryAccess): RegistryClient {
  const { credential, signal } = access;
  const root = new URL(`${rootOf(access.host)}/v2/${access.path}/`);
  let authorization: string | undefined;

  const authorize = async (challenge: Challenge | undefined): Promise<void> => {
    if (challenge?.scheme === 'basic') authorization = basic(credential);
    else if (challenge) authorization = await bearer(access, challenge, root);
  };

  const ask = async (request: RegistryRequest): Promise<Answer> => {
    const once = () => followed(request, root, authorization, signal);
    const first = await once();
    if (first.status !== 401) return first;
    // A token may have ended since it was given.
    authorization = undefined;
    await authorize(readChallenge(first.headers['www-authenticate']));
    return authorization === undefined ? first : once();
  };

  return {
    send: (request) =>
      tryAgain(access, async () => {
        const answer = await ask(request);
        if (answer.status >= 200 && answer.status < 300) return answer;
        const retryAfterMs = retryAfter(answer.headers['retry-after']);
        const reply = { status: answer.status, said: reasonIn(answer.body), retryAfterMs };
        throw answerFault(request.what, reply, credential !== undefined);
      }),
  };
}

function rootOf(host: string): string {
  if (host === dockerHub) return 'https://registry-1.docker.io';
  return `${isLoopbackHost(host) ? 'http' : 'https'}://${host}`;
}

/** Follows a reading request to where the registry keeps its data, without the authorization for the registry. */
async function followed(
  { method, path, headers, body }: RegistryRequest,
  root: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  let url = new URL(path, root);
  for (let hops = 0; ; hops++) {
    const own = url.origin === root.origin && authorization !== undefined && { authorization };
    const answer = await exchange({ method, url, headers: { ...headers, ...own }, body }, signal);
    const { location } = answer.headers;
    if (method !== 'GET' || !isRedirect(answer.status) || location === undefined) return answer;
    const next = URL.parse(location, url.href);
    if (hops === mostRedirects || !next || !maySpeak(next, root))
      throw new RegistryFault('push_failed', `${root.host} sends its clients to where they may not go`);
    url = next;
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Whether a registry may name this address: only one on this machine may name one in plain HTTP, on this machine. */
function maySpeak(url: URL, registry: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && registry.protocol === 'http:' && isLoopbackHost(url.host);
}

function basic(credential: RegistryCredential | undefined): string | undefined {
  if (!credential || 'identityToken' in credential) return undefined;
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/**
 * As the clients of docker and containerd do, the credential is sent to the token server that the credential's own
 * registry names, which may be on another host: Docker Hub's is. But never in the clear to another machine.
 */
async function bearer(
  { host, path, credential, signal }: RegistryAccess,
  { parameters }: Challenge,
  root: URL,
): Promise<string> {
  const realm = URL.parse(parameters.get('realm') ?? '');
  if (!realm || !maySpeak(realm, root))
    throw new RegistryFault('registry_auth', `${host} names no token server that a credential may go to`);
  const scope = `repository:${path}:pull,push`;
  const login = credential && { credential, basic: basic(credential) };
  const token = await fetchToken({ realm, service: parameters.get('service'), scope, login, signal });
  return `Bearer ${token}`;
}

/** Milliseconds; undefined where the header says nothing that is known. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}

/** The registry's own words, on one line: `{"errors":[{"code":"DENIED","message":"…"}]}`, else the text's beginning. */
function reasonIn(body: Buffer): string {
  const text = body.subarray(0, 4096).toString();
  const found = [...text.matchAll(/"message"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, message]) => message);
  return (found.length > 0 ? found.join('; ') : text)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
