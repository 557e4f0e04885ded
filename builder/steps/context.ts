import { pipeline, type Readable, type Transform } from 'node:stream';
import { BuildFault } from '../model/faults.ts';
import type { SourceTree } from '../model/tree.ts';
import { findDockerfile, findDockerignore, findFolder } from './contextFiles.ts';
import { createContextFilter } from './contextFilter.ts';

export interface ContextRequest {
  /** Folder of the source that is the context; "" is the whole tree. */
  folder: string;
  /** Path of the Dockerfile inside the context. */
  dockerfile: string;
  maxBytes: number;
  maxEntries: number;
  signal: AbortSignal;
}

/**
 * Checks the Dockerfile, reads .dockerignore and gives the build context as a tar stream. The stream ends only when
 * the context is whole; else it is destroyed with the BuildFault that says why, or with the signal's reason. Whoever
 * destroys it stops the source too.
 */
export async function packContext(tree: SourceTree, request: ContextRequest): Promise<Readable> {
  const folder = await findFolder(tree, request.folder);
  const dockerfile = await findDockerfile(tree, folder, request.dockerfile);
  const ignore = await findDockerignore(tree, folder, dockerfile);
  request.signal.throwIfAborted();
  const filter = createContextFilter({ ignore, maxBytes: request.maxBytes, maxEntries: request.maxEntries });
  return connect(tree.tar(folder, request.signal), filter, request.signal);
}

function connect(source: Readable, filter: Transform, signal: AbortSignal): Readable {
  const abort = (): void => {
    filter.destroy(
      signal.reason instanceof Error ? signal.reason : new BuildFault('canceled', String(signal.reason)),
    );
  };
  signal.addEventListener('abort', abort, { once: true });
  pipeline(source, filter, () => signal.removeEventListener('abort', abort));
  return filter;
}
