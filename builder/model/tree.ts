import type { Readable } from 'node:stream';

export interface TreeEntry {
  kind: 'file' | 'link' | 'folder' | 'submodule';
  bytes: number;
}

/** One entry of a tree, as BuildKit wants to know it. */
export interface ListedEntry {
  /** Below the listed folder. */
  path: string;
  /** A submodule that was not asked for is an empty folder. */
  kind: 'file' | 'link' | 'folder';
  /** Permission bits. */
  mode: number;
  bytes: number;
  /** Where a link leads; "" for everything else. */
  target: string;
  /** Names the content where the tree has such names: git's id. */
  id: string;
  /** Nanoseconds since 1970. Another one wherever the content is another; for folders it says nothing. */
  modifiedNs: bigint;
}

/** Reads the files of a tree, one after the other. */
export interface TreeFiles {
  /**
   * Hands a regular file's bytes to `write` piece by piece, and waits for each. A BuildFault where it cannot be read;
   * the signal's reason.
   */
  read(entry: ListedEntry, write: (piece: Buffer) => Promise<void> | undefined): Promise<void>;
  /** Frees what reading holds; what is being read fails. */
  close(): void;
}

/** The files of one commit, or of a local folder, ready to be read. */
export interface SourceTree {
  /** 40 hex digits; absent for a local folder. */
  commit?: string;
  /** The branch or tag that the ref named, e.g. `main` or `v1.2`; absent where it was a commit id. */
  refName?: string;
  /** The newest tag that the commit has or comes after, as `git describe --always --tags` says it. */
  describe?(): Promise<string>;
  /** What is at a path inside the tree; undefined where there is nothing. Links are not followed. */
  entry(path: string): Promise<TreeEntry | undefined>;
  /** A regular file's bytes; a BuildFault where it is larger than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Buffer>;
  /**
   * The tree below `folder` ("" = all of it) as a tar stream, `.git` left out. It ends only when it is whole:
   * where packing fails it is destroyed with a BuildFault.
   */
  tar(folder: string, signal: AbortSignal): Readable;
  /**
   * What is below `folder`, in no particular order but parents first, `.git` left out. A BuildFault where it cannot
   * be listed; ends what it runs where it is left early.
   */
  list(folder: string, signal: AbortSignal): AsyncIterable<ListedEntry>;
  /** Reads files of what `list` gave for the same folder. The caller closes it. */
  files(folder: string, signal: AbortSignal): TreeFiles;
  /** Frees what the tree holds on disk. */
  close(): Promise<void>;
}
