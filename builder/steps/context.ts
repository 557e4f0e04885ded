import { pipeline, type Readable, type Transform } from 'node:stream';
import { BuildFault } from '../model/faults.ts';
import type { SourceTree } from '../model/tree.ts';
import type { FoundContext } from './contextFiles.ts';
import { createContextFilter } from './contextFilter.ts';

export interface ContextRequest {
  /** From `findContext`. */
  found: FoundContext;
  maxBytes: number;
  maxEntries: number;
  signal: AbortSignal;
}

/**
 * The build context as a tar stream. The stream ends only when the context is whole; else it is destroyed with the
 * BuildFault that says why, or with the signal's reason. Whoever destroys it stops the source too.
 */
export function packContext(tree: SourceTree, { found, signal, ...limits }: ContextRequest): Readable {
  signal.throwIfAborted();
  const filter = createContextFilter({ ignore: found.ignore, extra: found.extra, ...limits });
  return connect(tree.tar(found.folder, signal), filter, signal);
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
