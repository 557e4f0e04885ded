import { comparePaths } from '../model/buildkit/paths.ts';
import { BuildFault } from '../model/faults.ts';
import type { ListedEntry, SourceTree } from '../model/tree.ts';
import type { ContextRequest } from './context.ts';
import { createAdmission } from './contextFilter.ts';
import { blockBytes, paddedBytes } from './contextHeader.ts';

/**
 * What a build's context holds after .dockerignore, in the order in which BuildKit wants to be told of it. Throws the
 * BuildFault that says why there is none, e.g. `context_too_large`, or the signal's reason. The limits count what the
 * same context would be as a tar.
 */
export async function listContext(
  tree: SourceTree,
  { found, signal, ...limits }: ContextRequest,
): Promise<readonly ListedEntry[]> {
  const admit = createAdmission({ ignore: found.ignore, ...limits });
  const entries: ListedEntry[] = [];
  const leftOut = new Map<string, ListedEntry>();
  for await (const entry of tree.list(found.folder, signal)) {
    const bytes = blockBytes + paddedBytes(entry.kind === 'file' ? entry.bytes : 0);
    if (!admit(headerOf(entry), bytes)) {
      if (entry.kind === 'folder') leftOut.set(entry.path, entry);
      continue;
    }
    checkText(entry.path);
    checkText(entry.target);
    entries.push(entry);
  }
  signal.throwIfAborted();
  return [...entries, ...foldersAbove(entries, leftOut)].toSorted((a, b) => comparePaths(a.path, b.path));
}

/** Folders that an exception of .dockerignore lies in, although they are left out themselves. */
function foldersAbove(
  entries: readonly ListedEntry[],
  leftOut: ReadonlyMap<string, ListedEntry>,
): ReadonlySet<ListedEntry> {
  const above = new Set<ListedEntry>();
  if (leftOut.size === 0) return above;
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = leftOut.get(path.slice(0, end));
      if (folder) above.add(folder);
    }
  }
  return above;
}

function headerOf({ path, kind, mode, bytes, target }: ListedEntry) {
  return { kind, name: Buffer.from(path), linkName: Buffer.from(target), mode, size: bytes };
}

/** A name that is no UTF-8 was read with marks in the place of its bytes, and cannot be found by it. */
function checkText(path: string): void {
  if (path.includes('\uFFFD'))
    throw new BuildFault(
      'context_invalid',
      `The name ${JSON.stringify(path.slice(0, 200))} is not UTF-8, which BuildKit needs. Rename it, leave it out by .dockerignore, or use the classic builder.`,
    );
}
