import { Agent, type buildConnector } from 'undici';
import { addressProblem } from '../../words/endpointAddress.ts';
import { guardedConnector } from './connector.ts';
import { EndpointFault } from './endpointFault.ts';
import { type Answer, exchange, type Sending } from './exchange.ts';
import { resolveBySystem } from './guard.ts';

/** What is posted to an address outside. */
export interface Outgoing {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** For the origin of `url` alone: signatures, tokens and whatever its owner set. Never sent to where it redirects. */
  ownHeaders: Readonly<Record<string, string>>;
  body: string;
}

export interface HttpClient {
  /**
   * Posts and follows at most five redirects, each of them guarded as the first address is. Gives any answer, whatever
   * its status. Rejects with an EndpointFault, or with the signal's reason where it is aborted.
   */
  post(outgoing: Outgoing, signal: AbortSignal): Promise<Answer>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface ClientOptions {
  allowPrivate: boolean;
  /** Connections to one origin. */
  connections: number;
  /** How connections are made; guarded unless given. */
  connect?: buildConnector.connector;
}

const mostRedirects = 5;
/** Above it no connection is kept for later, so that many origins do not use up the files of the process. */
const mostKept = 512;

/** Connections are kept for a few seconds, so that a busy endpoint is not connected to for each run. */
export function createHttpClient({
  allowPrivate,
  connections,
  connect = guardedConnector(allowPrivate, resolveBySystem),
}: ClientOptions): HttpClient {
  let open = 0;
  const agent = new Agent({
    connect,
    allowH2: false,
    connections,
    // An attempt has a limit of its own, which is exact.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveMaxTimeout: 60_000,
  });
  agent.on('connect', () => open++);
  agent.on('disconnect', () => open--);

  async function post(outgoing: Outgoing, signal: AbortSignal): Promise<Answer> {
    let next = firstOf(outgoing, allowPrivate);
    const timing = { connectMs: 0, ttfbMs: 0, transferMs: 0 };
    for (let redirects = 0; ; redirects++) {
      const answer = await exchange(agent, { ...next, reset: open >= mostKept }, signal);
      timing.connectMs += answer.connectMs;
      timing.ttfbMs += answer.ttfbMs;
      timing.transferMs += answer.transferMs;
      const target = redirects < mostRedirects ? redirectOf(answer, next.url) : undefined;
      if (!target) return { ...answer, ...timing };
      const problem = addressProblem(target.href, allowPrivate);
      if (problem !== undefined)
        throw new EndpointFault('endpoint_refused', `endpoint redirected to a refused address: ${problem}`);
      next = redirected(next, outgoing, target, answer.status);
    }
  }

  return { post, close: () => agent.destroy() };
}

type Request = Omit<Sending, 'reset'>;

function firstOf({ url, headers, ownHeaders, body }: Outgoing, allowPrivate: boolean): Request {
  const problem = addressProblem(url, allowPrivate);
  if (problem !== undefined) throw new EndpointFault('endpoint_refused', `endpoint refused: ${problem}`);
  return { method: 'POST', url: new URL(url), headers: { ...headers, ...ownHeaders }, body };
}

/** Where an answer redirects to; undefined where it does not, or to something that is no URL. */
function redirectOf({ status, headers }: Answer, from: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  return URL.parse(location, from.href) ?? undefined;
}

/** 307 and 308 ask for the same request again, the others for a GET of the target, as browsers do it. */
function redirected(before: Request, { headers, body }: Outgoing, url: URL, status: number): Request {
  const same = url.origin === before.url.origin ? before.headers : headers;
  if (before.method === 'POST' && (status === 307 || status === 308))
    return { method: 'POST', url, headers: same, body };
  const bare = Object.entries(same).filter(([name]) => name.toLowerCase() !== 'content-type');
  return { method: 'GET', url, headers: Object.fromEntries(bare), body: null };
}
