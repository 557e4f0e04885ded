import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Headers } from 'tar-fs';
import { BuildFault } from '../../model/faults.ts';
import { given } from '../../model/given.ts';
import type { ListedEntry, SourceTree, TreeEntry, TreeFiles } from '../../model/tree.ts';
import { abortError } from './gitProcess.ts';
import { listFolder } from './listFolder.ts';
import { treePath } from '../../model/treePath.ts';

export interface FolderTree {
  /** An absolute path without links in it. */
  root: string;
  /** Absent for a local folder. */
  commit?: string;
  refName?: string;
  describe?: () => Promise<string>;
  /** Modes as git gives them to everybody, instead of those on this disk, which follow our umask. */
  gitModes?: boolean;
  close?: () => Promise<void>;
}

// A file that became a link or a fifo meanwhile is neither followed nor waited for.
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const pieceBytes = 128 * 1024;

/** A folder on disk as a tree. Links are never followed, neither inside nor outside. */
export function folderTree({ root, commit, refName, describe, gitModes, close }: FolderTree): SourceTree {
  async function entry(path: string): Promise<TreeEntry | undefined> {
    const inside = treePath(path);
    return inside === undefined ? undefined : entryBelow(root, inside);
  }

  async function readFile(path: string, maxBytes: number): Promise<Buffer> {
    const found = await entry(path);
    if (found?.kind !== 'file')
      throw new BuildFault('source_invalid', `The source has no regular file ${path}.`);
    if (found.bytes > maxBytes) throw tooLarge(path, maxBytes);
    const file = await open(join(root, path), readOnly);
    try {
      const bytes = Buffer.alloc(Math.min(found.bytes, maxBytes) + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead > maxBytes) throw tooLarge(path, maxBytes);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  function tar(folder: string, signal: AbortSignal): Readable {
    return packed(packs(folder), signal);
  }

  async function* packs(folder: string): AsyncGenerator {
    const path = await folderAt(folder);
    try {
      yield* await pack(path, gitModes === true);
    } catch (error) {
      throw unreadable(error);
    }
  }

  async function folderAt(folder: string): Promise<string> {
    const found = await entry(folder);
    if (found?.kind !== 'folder')
      throw new BuildFault('context_invalid', `The source has no folder ${folder}.`);
    return join(root, treePath(folder) ?? '');
  }

  async function* list(folder: string, signal: AbortSignal): AsyncGenerator<ListedEntry> {
    const path = await folderAt(folder);
    try {
      yield* listFolder(path, { gitModes: gitModes === true, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw unreadable(error);
    }
  }

  function files(folder: string, signal: AbortSignal): TreeFiles {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const above = join(root, treePath(folder) ?? '');
    return {
      read: async ({ path, bytes }, write) => {
        if ((await entryBelow(above, path))?.kind !== 'file')
          throw new BuildFault('context_invalid', `The file ${path} went away while it was read.`);
        await readPieces(join(above, path), bytes, write, both).catch((error: unknown) => {
          both.throwIfAborted();
          throw unreadable(error);
        });
      },
      close: () => stop.abort(new Error('closed')),
    };
  }

  return {
    ...given({ commit, refName, describe }),
    entry,
    readFile,
    tar,
    list,
    files,
    close: close ?? (async () => {}),
  };
}

async function readPieces(
  path: string,
  expectedBytes: number,
  write: (piece: Buffer) => Promise<void> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, readOnly);
  // One more than there should be shows the end of a small file at once.
  const length = Math.min(pieceBytes, expectedBytes + 1);
  try {
    for (let read = length; read === length;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length));
      if (bytesRead > 0) await write(buffer.subarray(0, bytesRead));
      read = bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** What is at a path below a folder; undefined where a link is on the way. */
export async function entryBelow(root: string, path: string): Promise<TreeEntry | undefined> {
  let at = root;
  for (const part of path === '' ? [] : path.split('/')) {
    if ((await kindOf(at))?.kind !== 'folder') return undefined;
    at = join(at, part);
  }
  return kindOf(at);
}

async function kindOf(path: string): Promise<TreeEntry | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) return { kind: 'file', bytes: found.size };
  if (found?.isDirectory()) return { kind: 'folder', bytes: 0 };
  return found?.isSymbolicLink() ? { kind: 'link', bytes: found.size } : undefined;
}

/** Fifos, sockets and devices are left out, as is every `.git`. */
async function pack(folder: string, gitModes: boolean): Promise<AsyncIterable<unknown>> {
  // Loaded with the first folder that is packed, and not at the start.
  const { default: tarFs } = await import('tar-fs');
  const options = {
    umask: 0,
    strict: false,
    sort: true,
    ignore: (name: string): boolean => basename(name) === '.git',
    map: (header: Headers): Headers => ({
      ...header,
      uid: 0,
      gid: 0,
      mode: gitModes ? gitMode(header) : header.mode & 0o7777,
    }),
  };
  return tarFs.pack(folder, options);
}

function gitMode({ type, mode }: Headers): number {
  if (type === 'symlink') return 0o777;
  return type === 'directory' || (mode & 0o100) !== 0 ? 0o755 : 0o644;
}

function packed(chunks: AsyncIterable<unknown>, signal: AbortSignal): Readable {
  const out = Readable.from(chunks, { objectMode: false });
  const stop = (): void => void out.destroy(abortError(signal.reason));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  out.once('close', () => signal.removeEventListener('abort', stop));
  return out;
}

function unreadable(error: unknown): Error {
  if (error instanceof BuildFault) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new BuildFault('context_invalid', `The source cannot be packed: ${why}.`, { cause: error });
}

function tooLarge(path: string, maxBytes: number): BuildFault {
  return new BuildFault('source_invalid', `The file ${path} is larger than ${maxBytes} bytes.`);
}
