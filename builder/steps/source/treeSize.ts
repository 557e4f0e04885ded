import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BuildFault } from '../../model/faults.ts';

export interface SizeRequest {
  environment: Record<string, string>;
  /** A commit, or `commit:folder`. */
  treeish: string;
  signal: AbortSignal;
}

/** No build takes more. */
export const mostFiles = 2_000_000;

/**
 * Counts the files of a tree. A few kilobytes of trees that name each other can stand for billions of files, and both
 * archive and checkout take them all into memory before they give out the first. A tree that cannot be read is left
 * to those who read it.
 * @throws BuildFault `source_invalid` where there are more than any build takes.
 */
export async function refuseHugeTree({ environment, treeish, signal }: SizeRequest): Promise<void> {
  const git = spawn('git', ['ls-tree', '-r', '-z', '--name-only', '--full-tree', treeish], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  let files = 0;
  git.stdout.on('data', (chunk: Buffer) => {
    files += countZeros(chunk);
    if (files > mostFiles) git.kill('SIGKILL');
  });
  // An abort is an error here; whoever aborted knows.
  git.on('error', () => {});
  await once(git, 'close').catch(() => undefined);
  if (files > mostFiles) throw hugeTree();
}

export function hugeTree(): BuildFault {
  return new BuildFault(
    'source_invalid',
    `The commit has more than ${mostFiles} files. No build takes so many.`,
  );
}

function countZeros(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count++;
  return count;
}
