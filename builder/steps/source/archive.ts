import { PassThrough, type Readable } from 'node:stream';
import { abortError, startGit } from './gitProcess.ts';
import { refuseHugeTree } from './treeSize.ts';

export interface ArchiveRequest {
  environment: Record<string, string>;
  /** A commit, or `commit:folder`. */
  treeish: string;
  signal: AbortSignal;
  /** Says what to destroy the stream with after git failed. */
  faultOf: (exitCode: number, stderr: string) => Error;
}

/**
 * A tree as a tar stream. A git that fails still ends its output cleanly, so this ends only after exit code 0 and is
 * destroyed otherwise. An abort, and a reader that goes away, end git's whole process group first.
 */
export function gitArchive({ environment, treeish, signal, faultOf }: ArchiveRequest): Readable {
  const out = new PassThrough();
  if (signal.aborted) return out.destroy(abortError(signal.reason));
  const args = ['-c', 'tar.umask=0022', 'archive', '--format=tar', treeish];
  const git = startGit({ args, environment, signal });
  git.stdin.end();
  const counting = new AbortController();
  const stop = (): void => {
    git.stop();
    counting.abort();
  };
  signal.addEventListener('abort', stop, { once: true });
  out.once('close', stop);
  git.stdout.pipe(out, { end: false });
  // Beside the archive, which gives nothing out before it has read all trees.
  refuseHugeTree({ environment, treeish, signal: counting.signal }).catch((fault: unknown) =>
    out.destroy(abortError(fault)),
  );
  git.ended.then(
    (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) out.end();
      else out.destroy(signal.aborted ? abortError(signal.reason) : faultOf(code, git.stderr()));
    },
    (error: unknown) => out.destroy(abortError(error)),
  );
  return out;
}
