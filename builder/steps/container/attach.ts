import type { Duplex } from 'node:stream';
import type { ContainerRun } from './containerRun.ts';

/** The connection to a container's output from now on, and to its input where that is wanted. Rejects as `engine.upgrade` does. */
export async function attach(
  { deps, name }: ContainerRun,
  signal: AbortSignal,
  { stdin }: { stdin: boolean },
): Promise<Duplex> {
  const stream = await deps.engine.upgrade(
    {
      method: 'POST',
      path: `/containers/${name}/attach`,
      query: { stream: 1, stdout: 1, stderr: 1, ...(stdin && { stdin: 1 }) },
      // It reads none. An empty one would be sent in two pieces, of which the second could be taken for input.
      body: { stream: true },
      signal,
    },
    'tcp',
  );
  // Who reads it is told of an error, but a container may end without having read its input.
  stream.on('error', () => undefined);
  if (signal.aborted) stream.destroy();
  else signal.addEventListener('abort', () => stream.destroy(), { once: true });
  return stream;
}

/** Connections that end together. */
export function cutTogether(signal: AbortSignal): Disposable & { signal: AbortSignal } {
  const own = new AbortController();
  return { signal: AbortSignal.any([signal, own.signal]), [Symbol.dispose]: () => own.abort() };
}
