import { BuildFault } from '../../model/faults.ts';
import type { ListedEntry, TreeFiles } from '../../model/tree.ts';
import type { ArchiveRequest } from './archive.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { listTree } from './listTree.ts';
import { pseudoTimeNs } from './pseudoTime.ts';

const longestLinkBytes = 4096;

/** The entries of a tree in a repository, as `list` of a SourceTree gives them. */
export async function* listBlobs(reading: ArchiveRequest): AsyncGenerator<ListedEntry> {
  const blobs = openBlobs(reading);
  try {
    for await (const { mode, id, bytes, path } of listTree(reading)) {
      const kind = packedKind(mode);
      const target = kind === 'link' ? await linkTarget(blobs, id, path) : '';
      yield { path, kind, mode: permissions(mode), bytes, target, id, modifiedNs: pseudoTimeNs(id) };
    }
  } finally {
    blobs.close();
  }
}

/** The files of a tree in a repository. */
export function blobFiles(reading: ArchiveRequest): TreeFiles {
  const blobs = openBlobs(reading);
  return { read: ({ id }, write) => blobs.read(id, write), close: blobs.close };
}

/** As `git archive` packs it: old repositories have files of other modes than the two of today. */
function packedKind(mode: string): ListedEntry['kind'] {
  if (mode === '120000') return 'link';
  return mode.startsWith('100') ? 'file' : 'folder';
}

function permissions(mode: string): number {
  if (mode === '120000') return 0o777;
  const isProgram = (Number.parseInt(mode, 8) & 0o100) !== 0;
  return mode.startsWith('100') && !isProgram ? 0o644 : 0o755;
}

async function linkTarget(blobs: Blobs, id: string, path: string): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  await blobs.read(id, (piece) => {
    bytes += piece.length;
    if (bytes > longestLinkBytes)
      throw new BuildFault('source_invalid', `The link ${path} leads to a path that is too long.`);
    pieces.push(piece);
    return undefined;
  });
  return Buffer.concat(pieces).toString();
}
