import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { BuildLimits } from '../../model/spec.ts';
import type { ListedEntry, SourceTree } from '../../model/tree.ts';
import type { FoundContext } from '../contextFiles.ts';
import { listContext } from '../contextListing.ts';
import { pseudoTimeNs } from '../source/pseudoTime.ts';
import type { SharedFolder } from './fileSync.ts';

/** The folders of a build, by the names that BuildKit has for them. */
export interface SharedFolders extends Disposable {
  byName: ReadonlyMap<string, SharedFolder>;
  /** Name of the Dockerfile in its folder. */
  dockerfile: string;
}

export interface FoldersRequest {
  tree: SourceTree;
  found: FoundContext;
  limits: Pick<BuildLimits, 'contextBytes' | 'contextEntries'>;
}

/** Lists the context. Throws as `listContext` does. */
export async function openFolders(
  { tree, found, limits }: FoldersRequest,
  signal: AbortSignal,
): Promise<SharedFolders> {
  const { contextBytes: maxBytes, contextEntries: maxEntries } = limits;
  const entries = await listContext(tree, { found, maxBytes, maxEntries, signal });
  const files = tree.files(found.folder, signal);
  const inside = found.extra.length === 0;
  const needed = new Set([found.dockerfile, `${found.dockerfile}.dockerignore`, '.dockerignore']);
  const context: SharedFolder = { entries, needed, read: files.read };
  const name = inside ? posix.basename(found.dockerfile) : 'Dockerfile';
  return {
    byName: new Map([
      ['context', context],
      ['dockerfile', oneFile(name, Buffer.from(found.text))],
    ]),
    dockerfile: name,
    [Symbol.dispose]: files.close,
  };
}

/** The Dockerfile is in a folder of its own, wherever it lies: also outside of the context. */
function oneFile(path: string, content: Buffer): SharedFolder {
  const id = createHash('sha256').update(content).digest('hex');
  const entry: ListedEntry = {
    path,
    kind: 'file',
    mode: 0o644,
    bytes: content.length,
    target: '',
    id,
    modifiedNs: pseudoTimeNs(id),
  };
  return { entries: [entry], read: async (_, write) => write(content) };
}
