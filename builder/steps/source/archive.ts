import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { refuseHugeTree } from './treeSize.ts';

export interface ArchiveRequest {
  environment: Record<string, string>;
  /** A commit, or `commit:folder`. */
  treeish: string;
  signal: AbortSignal;
  /** Says what to destroy the stream with after git failed. */
  faultOf: (exitCode: number, stderr: string) => Error;
}

const keptErrorCharacters = 8192;

/**
 * A tree as a tar stream. A git that fails still ends its output cleanly, so this ends only after exit code 0 and is
 * destroyed otherwise. An abort, and a reader that goes away, end git's whole process group first.
 */
export function gitArchive({ environment, treeish, signal, faultOf }: ArchiveRequest): Readable {
  const out = new PassThrough();
  if (signal.aborted) return out.destroy(asError(signal.reason));
  const git = spawn('git', ['-c', 'tar.umask=0022', 'archive', '--format=tar', treeish], {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr = tailOf(git);
  const counting = new AbortController();
  const stop = (): void => {
    stopGroup(git);
    counting.abort();
  };
  signal.addEventListener('abort', stop, { once: true });
  out.once('close', stop);
  git.stdout.pipe(out, { end: false });
  // Beside the archive, which gives nothing out before it has read all trees.
  refuseHugeTree({ environment, treeish, signal: counting.signal }).catch((fault: unknown) =>
    out.destroy(asError(fault)),
  );
  git.once('error', (error) => out.destroy(error));
  git.once('close', (code) => {
    signal.removeEventListener('abort', stop);
    if (code === 0) out.end();
    else out.destroy(signal.aborted ? asError(signal.reason) : faultOf(code ?? -1, stderr()));
  });
  return out;
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-keptErrorCharacters);
  });
  return () => tail;
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // What nobody reads any more must not hold back the end of the process.
  child.stdout?.unpipe().resume();
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('stopped', { cause: reason });
}
