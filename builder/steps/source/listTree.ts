import { StringDecoder } from 'node:string_decoder';
import type { ArchiveRequest } from './archive.ts';
import { startGit } from './gitProcess.ts';
import { hugeTree, mostFiles } from './treeSize.ts';

/** One line of `git ls-tree -l`. */
export interface TreeLine {
  /** As git writes it, e.g. `100644`. */
  mode: string;
  id: string;
  /** 0 for what is no blob. */
  bytes: number;
  path: string;
}

/**
 * All entries below a tree, folders before what is in them. Ends only when the list is whole; else it throws, also
 * where the tree has more files than any build takes.
 */
export async function* listTree({
  environment,
  treeish,
  signal,
  faultOf,
}: ArchiveRequest): AsyncGenerator<TreeLine> {
  signal.throwIfAborted();
  const git = startGit({ args: ['ls-tree', '-r', '-t', '-l', '-z', treeish], environment, signal });
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let count = 0;
  try {
    git.stdin.end();
    for await (const chunk of git.stdout) {
      const lines = (rest + decoder.write(Buffer.from(chunk))).split('\0');
      rest = lines.pop() ?? '';
      count += lines.length;
      if (count > mostFiles) throw hugeTree();
      for (const line of lines) yield parseLine(line);
    }
    const code = await git.ended;
    signal.throwIfAborted();
    if (code !== 0) throw faultOf(code, git.stderr());
  } finally {
    git.stop();
  }
}

/** Reads one line of `ls-tree -l -z`: mode, type, id, bytes and path. */
export function parseLine(line: string): TreeLine {
  const tab = line.indexOf('\t');
  const [mode = '', , id = '', bytes = ''] = line.slice(0, tab).split(/ +/);
  return { mode, id, bytes: Number.parseInt(bytes, 10) || 0, path: line.slice(tab + 1) };
}
