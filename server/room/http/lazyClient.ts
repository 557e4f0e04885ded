import type { ClientOptions, HttpClient } from './client.ts';

/** A client that is loaded with its first call: it takes longer and more memory than all the rest of a start. */
export function lazyHttpClient(options: ClientOptions): HttpClient {
  let client: Promise<HttpClient> | undefined;

  async function load(): Promise<HttpClient> {
    const { createHttpClient } = await import('./client.ts');
    return createHttpClient(options);
  }

  return {
    post: async (outgoing, signal) => (await (client ??= load())).post(outgoing, signal),
    close: async () => (await client)?.close(),
  };
}
