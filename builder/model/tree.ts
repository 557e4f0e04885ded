import type { Readable } from 'node:stream';

export interface TreeEntry {
  kind: 'file' | 'link' | 'folder' | 'submodule';
  bytes: number;
}

/** The files of one commit, or of a local folder, ready to be read. */
export interface SourceTree {
  /** 40 hex digits; absent for a local folder. */
  commit?: string;
  /** The branch or tag that the ref named, e.g. `main` or `v1.2`; absent where it was a commit id. */
  refName?: string;
  /** What is at a path inside the tree; undefined where there is nothing. Links are not followed. */
  entry(path: string): Promise<TreeEntry | undefined>;
  /** A regular file's bytes; a BuildFault where it is larger than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Buffer>;
  /**
   * The tree below `folder` ("" = all of it) as a tar stream, `.git` left out. It ends only when it is whole:
   * where packing fails it is destroyed with a BuildFault.
   */
  tar(folder: string, signal: AbortSignal): Readable;
  /** Frees what the tree holds on disk. */
  close(): Promise<void>;
}
