import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BuildFault } from '../../model/faults.ts';
import { given } from '../../model/given.ts';
import type { LogSink } from '../../model/log.ts';
import type { AllowedSource } from '../../model/sourceUrl.ts';
import type { FolderSource, Source } from '../../model/spec.ts';
import type { SourceTree } from '../../model/tree.ts';
import { folderTree } from './folderTree.ts';
import { createGit, GitFailure } from './git.ts';
import { errorLines, toFault } from './gitFaults.ts';
import { type GitSources, openGitSource } from './gitSource.ts';
import { createMirrors, type Mirrors } from './mirrors.ts';

export interface SourcesOptions {
  /** Holds mirrors and checkouts. One process owns it at a time. */
  folder: string;
  /** The git servers that may be asked; read anew for each source. */
  allowed: () => readonly AllowedSource[];
  /** Seconds without a byte after which git gives up a transfer; 30 unless told. */
  lowSpeedSecs?: number;
  /** Where PATH, certificates and proxies are taken from; the process's own unless told. */
  environment?: Readonly<Record<string, string | undefined>>;
}

export interface OpenOptions {
  log: LogSink;
  signal: AbortSignal;
  /** Longest time until the tree can be read, in milliseconds. */
  timeoutMs: number;
  /** Letters, digits, `-` and `_`: names what the tree holds on disk. */
  mark: string;
}

export interface Sources {
  /** The copies of repositories. */
  readonly mirrors: Pick<Mirrors, 'list' | 'remove'>;
  /**
   * Brings a source here and opens its tree. The caller closes the tree.
   * @throws BuildFault with phase `clone`; what the signal was aborted with, where that is one.
   */
  open(source: Source, options: OpenOptions): Promise<SourceTree>;
  /** Ends all that is being opened, and waits until no git is left. */
  close(): Promise<void>;
}

export function createSources(options: SourcesOptions): Sources {
  const folder = resolve(options.folder);
  const home = join(folder, 'home');
  const checkouts = join(folder, 'checkouts');
  const { lowSpeedSecs = 30, environment = process.env } = options;
  const git = createGit({ home, environment, lowSpeedSecs });
  const mirrors = createMirrors(join(folder, 'mirrors'));
  const closing = new AbortController();
  const opening = new Set<Promise<unknown>>();
  let prepared: Promise<void> | undefined;

  async function prepareOnce(): Promise<void> {
    prepared ??= prepare();
    try {
      await prepared;
    } catch (error) {
      prepared = undefined;
      throw error;
    }
  }

  /** Checkouts of an earlier process belong to nobody any more. */
  async function prepare(): Promise<void> {
    await mirrors.sweep();
    await rm(checkouts, { recursive: true, force: true });
    for (const part of [home, checkouts, join(folder, 'mirrors')]) await mkdir(part, { recursive: true });
  }

  async function openSource(
    source: Source,
    { log, mark, signal }: Omit<OpenOptions, 'timeoutMs'>,
  ): Promise<SourceTree> {
    const asked = performance.now();
    if (source.kind === 'folder') return openFolder(source);
    if (!/^[\w-]+$/.test(mark)) throw new Error('a mark is made of letters, digits, "-" and "_"');
    await prepareOnce();
    const held = mirrors.hold();
    const { mirrorOf } = held;
    const sources: GitSources = { git, mirrorOf, allowed: options.allowed, checkouts };
    try {
      const tree = await openGitSource(sources, { source, mark, log, asked, signal });
      return {
        ...tree,
        async close() {
          try {
            await tree.close();
          } finally {
            await held.release();
          }
        },
      };
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  async function open(source: Source, { timeoutMs, ...rest }: OpenOptions): Promise<SourceTree> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(tookTooLong(timeoutMs)), timeoutMs);
    const signal = AbortSignal.any([rest.signal, deadline.signal, closing.signal]);
    const opened = openSource(source, { ...rest, signal });
    opening.add(opened);
    try {
      return await opened;
    } catch (error) {
      if (error instanceof GitFailure) logFailure(rest.log, error);
      throw asFault(error, signal);
    } finally {
      clearTimeout(timer);
      opening.delete(opened);
    }
  }

  async function close(): Promise<void> {
    closing.abort(new BuildFault('released', 'The build server is being shut down.', { phase: 'clone' }));
    await Promise.allSettled(opening);
  }

  return { mirrors, open, close };
}

async function openFolder({ path, commit, branch, tag }: FolderSource): Promise<SourceTree> {
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory()) {
    throw new BuildFault('source_not_found', `There is no folder ${path}.`);
  }
  const describe = tag === undefined ? undefined : async () => tag;
  return folderTree({ root, ...given({ commit, refName: branch, describe }) });
}

function logFailure(log: LogSink, failure: GitFailure): void {
  const lines = errorLines(failure);
  if (lines.length > 0) log.append('stderr', `${lines.join('\n')}\n`);
}

function asFault(error: unknown, signal: AbortSignal): Error {
  if (!signal.aborted || error instanceof BuildFault) return toFault(error);
  return new BuildFault('canceled', 'The build was stopped.', { phase: 'clone', cause: signal.reason });
}

function tookTooLong(timeoutMs: number): BuildFault {
  const sentence = `Fetching the source took longer than ${timeoutMs / 1000} s.`;
  return new BuildFault('timeout', sentence, { phase: 'clone' });
}
