import type { Engine } from './engine.ts';

/** Gives an image one more name, with its tag, and takes it from whichever had it. Throws as `engine.call` does. */
export async function tagImage(
  engine: Engine,
  imageId: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const colon = name.lastIndexOf(':');
  const query = { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
  await engine.call({ method: 'POST', path: `/images/${imageId}/tag`, query, signal });
}
