import { StartError } from '../startError.ts';
import type { KeyOffice, KeyView, MadeKeyView } from './keyOffice.ts';

const patienceMs = 30_000;

/** Asks a server that runs. Its refusals are thrown as StartErrors, in its own words. */
export function openApiOffice(host: string, token: string | undefined): KeyOffice {
  const base = baseOf(host);

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(new URL(path, base), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new StartError(`${base.origin} does not answer: ${reasonOf(error)}`, { cause: error });
    });
    const text = await response.text();
    if (!response.ok) throw new StartError(`${base.origin} answered ${response.status}: ${sentenceIn(text)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    create: async (request) => (await ask('POST', 'v1/api-keys', request)) as MadeKeyView,
    async list(project) {
      const query = project === undefined ? '' : `?project_id=${encodeURIComponent(project)}`;
      return (await ask('GET', `v1/api-keys${query}`)) as KeyView[];
    },
    async revoke(id) {
      await ask('DELETE', `v1/api-keys/${encodeURIComponent(id)}`);
    },
    close: async () => {},
  };
}

/** `host:port` is as good as an address. */
function baseOf(host: string): URL {
  const url = URL.parse(/^https?:\/\//i.test(host) ? host : `http://${host}`);
  if (!url) throw new StartError(`DOCKER_BUILDER_HOST is no address: ${host}`);
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/`, url);
}

function sentenceIn(text: string): string {
  try {
    const { message, details = [] } = JSON.parse(text) as { message?: string; details?: string[] };
    return [message ?? text, ...details.filter((detail) => detail !== message)].join('; ');
  } catch {
    return text.slice(0, 500);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
