import { StartError } from '../startError.ts';

const patienceMs = 30_000;

/** One request to a server; gives what it answered as JSON, undefined for an empty answer. */
export type AskServer = (method: string, path: string, body?: object) => Promise<unknown>;

/**
 * Asks a server that runs, with a token, else with the user and password of its address. What keeps it from answering,
 * and its refusals in its own words, are thrown as StartErrors.
 */
export function askServer(host: string, token: string | undefined): AskServer {
  const { base, authorization } = placeOf(host, token);

  return async (method, path, body) => {
    const response = await fetch(new URL(path, base), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        'Content-Type': 'application/json',
        ...(authorization !== undefined && { Authorization: authorization }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new StartError(`${base.origin} does not answer: ${reasonOf(error)}`, { cause: error });
    });
    const text = await response.text();
    if (!response.ok) throw new StartError(`${base.origin} answered ${response.status}: ${sentenceIn(text)}`);
    return text === '' ? undefined : parsed(text, base);
  };
}

/** `host:port` is as good as an address. */
function placeOf(host: string, token: string | undefined): { base: URL; authorization: string | undefined } {
  const url = URL.parse(/^https?:\/\//i.test(host) ? host : `http://${host}`);
  if (!url) throw new StartError(`DOCKER_BUILDER_HOST is no address: ${host}`);
  const user = `${plain(url.username)}:${plain(url.password)}`;
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const basic = user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  return { base: new URL(path, url.origin), authorization: token === undefined ? basic : `Bearer ${token}` };
}

/** Without percent signs, where they are those of an address. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsed(text: string, base: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`${base.origin} is no docker-builder: it did not answer in JSON`, { cause: error });
  }
}

function sentenceIn(text: string): string {
  try {
    const answer = JSON.parse(text) as { message?: string; error?: string; details?: string[] };
    const { message = answer.error, details = [] } = answer;
    return [message ?? text, ...details.filter((detail) => detail !== message)].join('; ');
  } catch {
    return text.slice(0, 500);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
