import { BuildFault } from '../../model/faults.ts';
import type { SourceTree, TreeEntry } from '../../model/tree.ts';
import { gitArchive } from './archive.ts';
import { blobFiles, listBlobs } from './blobTree.ts';
import { type Git, GitFailure } from './git.ts';
import { isDamage, toFault } from './gitFaults.ts';
import { parseLine } from './listTree.ts';
import { discardMirror, type Mirror } from './mirror.ts';
import type { Commit } from './resolve.ts';
import { treePath } from '../../model/treePath.ts';

interface Listed extends TreeEntry {
  id: string;
}

// Reading a tree has no deadline of its own to obey, but nothing may wait for ever.
const readMs = 60_000;
const kinds: Record<string, TreeEntry['kind']> = {
  '040000': 'folder',
  '100644': 'file',
  '100755': 'file',
  '120000': 'link',
  '160000': 'submodule',
};

/** The tree of a commit, read straight from the mirror: nothing is written to disk. */
export function mirrorTree(git: Git, mirror: Mirror, commit: Commit): SourceTree {
  const { generation, folder: gitDir } = mirror;

  /** A mirror that cannot be read is of no use to anybody; the next attempt makes a new one. */
  function faultOf(failure: unknown): Error {
    if (!isDamage(failure)) return toFault(failure);
    void throwAway();
    const sentence =
      'The copy of the repository on this server was damaged. The next attempt fetches it again.';
    return new BuildFault('source_unreachable', sentence, { exitCode: failure.exitCode, cause: failure });
  }

  async function throwAway(): Promise<void> {
    await discardMirror(mirror, generation, AbortSignal.timeout(readMs)).catch(() => {});
  }

  async function look(path: string): Promise<Listed | undefined> {
    const command = ['ls-tree', '-z', '-l', '--full-tree', commit.id, '--', path];
    const scope = { gitDir, signal: AbortSignal.timeout(readMs) };
    const listed = await git.run(scope, (repository) => repository.raw(command)).catch(rethrow);
    return parseEntry(listed);
  }

  function rethrow(error: unknown): never {
    throw faultOf(error);
  }

  async function entry(path: string): Promise<Listed | undefined> {
    const inside = treePath(path);
    if (inside === undefined) return undefined;
    return inside === '' ? { kind: 'folder', bytes: 0, id: commit.id } : look(inside);
  }

  async function readFile(path: string, maxBytes: number): Promise<Buffer> {
    const found = await entry(path);
    if (found?.kind !== 'file')
      throw new BuildFault('source_invalid', `The commit has no regular file ${path}.`);
    if (found.bytes > maxBytes) {
      throw new BuildFault('source_invalid', `The file ${path} is larger than ${maxBytes} bytes.`);
    }
    const scope = { gitDir, signal: AbortSignal.timeout(readMs) };
    const bytes: unknown = await git
      .run(scope, (repository) => repository.binaryCatFile(['blob', found.id]))
      .catch(rethrow);
    return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
  }

  async function describe(): Promise<string> {
    const command = ['describe', '--always', '--tags', '--end-of-options', commit.id];
    const scope = { gitDir, signal: AbortSignal.timeout(readMs) };
    return (await git.run(scope, (repository) => repository.raw(command)).catch(rethrow)).trim();
  }

  /** How git is asked for all that is below a folder. */
  function readingOf(folder: string, signal: AbortSignal) {
    const inside = treePath(folder) ?? '..';
    return {
      environment: git.environment(gitDir),
      treeish: inside === '' ? commit.id : `${commit.id}:${inside}`,
      signal,
      faultOf(exitCode: number, stderr: string): Error {
        if (/not a (valid object name|tree object)/i.test(stderr) && inside !== '') {
          return new BuildFault('context_invalid', `The commit has no folder ${folder}.`, { exitCode });
        }
        return faultOf(new GitFailure(exitCode, stderr));
      },
    };
  }

  const refName = commit.refName === undefined ? {} : { refName: commit.refName };
  return {
    commit: commit.id,
    ...refName,
    describe,
    entry: async (path) => publicEntry(await entry(path)),
    readFile,
    tar: (folder, signal) => gitArchive(readingOf(folder, signal)),
    list: (folder, signal) => listBlobs(readingOf(folder, signal)),
    files: (folder, signal) => blobFiles(readingOf(folder, signal)),
    close: async () => {},
  };
}

function parseEntry(listed: string): Listed | undefined {
  const { mode, id, bytes } = parseLine(listed.split('\0')[0] ?? '');
  const kind = kinds[mode];
  return kind === undefined ? undefined : { kind, id, bytes };
}

function publicEntry(listed: Listed | undefined): TreeEntry | undefined {
  return listed && { kind: listed.kind, bytes: listed.bytes };
}
