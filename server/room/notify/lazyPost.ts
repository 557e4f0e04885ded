import type { Post } from './send.ts';

/** The way to the receivers, loaded with the first letter: many servers never send one. */
export function lazyPost(allowPrivate: boolean, connectionsPerOrigin: number): Post {
  let post: Promise<Post> | undefined;

  async function load(): Promise<Post> {
    const { openPost } = await import('./send.ts');
    return openPost(allowPrivate, connectionsPerOrigin);
  }

  return {
    send: async (letter, timeoutMs, stop) => (await (post ??= load())).send(letter, timeoutMs, stop),
    close: async () => (await post)?.close(),
  };
}
