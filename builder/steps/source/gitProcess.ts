import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { tailOf } from '../tailOf.ts';

export interface GitProcessRequest {
  args: readonly string[];
  environment: Record<string, string>;
  signal: AbortSignal;
}

/** A git that is spawned without simple-git, which would keep all that it prints in memory. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Its exit code, after the end of its output; -1 where a signal ended it. Rejects where git cannot be started. */
  readonly ended: Promise<number>;
  /** The end of what it wrote there. */
  stderr(): string;
  /** Ends git with all its helpers, and its output. */
  stop(): void;
}

/** Starts git in a process group of its own, which an abort ends. */
export function startGit({ args, environment, signal }: GitProcessRequest): GitProcess {
  const git = spawn('git', args, { env: environment, detached: true, stdio: 'pipe' });
  const stderr = tailOf(git.stderr);
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>();
  const stop = (): void => stopGroup(git);
  signal.addEventListener('abort', stop, { once: true });
  git.once('error', reject);
  git.once('close', (code) => {
    signal.removeEventListener('abort', stop);
    resolve(code ?? -1);
  });
  // Who writes to a git that is gone learns it from its output and exit code.
  git.stdin.on('error', () => {});
  // Its owner may have left before the end.
  ended.catch(() => {});
  if (signal.aborted) stop();
  return { stdin: git.stdin, stdout: git.stdout, ended, stderr, stop };
}

/** What to destroy a stream with after an abort. */
export function abortError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('stopped', { cause: reason });
}

function stopGroup(child: ChildProcessByStdio<Writable, Readable, Readable>): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // What nobody reads any more must not hold back the end of the process.
  child.stdout.unpipe().resume();
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
