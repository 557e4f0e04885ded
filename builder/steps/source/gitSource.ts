import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { given } from '../../model/given.ts';
import { parseGitRef } from '../../model/gitRef.ts';
import type { LogSink } from '../../model/log.ts';
import {
  type AllowedSource,
  checkSourceUrl,
  isSameServer,
  parseSourceUrl,
  type SourceAddress,
  submoduleUrl,
} from '../../model/sourceUrl.ts';
import type { GitSource } from '../../model/spec.ts';
import type { SourceTree } from '../../model/tree.ts';
import { type CheckoutRequest, checkOut, type Located } from './checkout.ts';
import { folderTree } from './folderTree.ts';
import type { Git } from './git.ts';
import type { Access } from './gitEnvironment.ts';
import { printable } from './gitFaults.ts';
import { locateCommit } from './locate.ts';
import type { Mirror } from './mirror.ts';
import { mirrorTree } from './mirrorTree.ts';
import type { Commit } from './resolve.ts';
import type { Submodule } from './submodules.ts';

/** What opening a git source needs to know of its surroundings. */
export interface GitSources {
  git: Git;
  /** One and the same mirror for all who ask for one address. */
  mirrorOf: (address: SourceAddress) => Mirror;
  allowed: () => readonly AllowedSource[];
  /** Holds the checkouts, each in a folder named by its mark. */
  checkouts: string;
}

export interface Opening {
  source: GitSource;
  mark: string;
  log: LogSink;
  /** When it was asked for, on the clock of `performance.now()`: what was pushed before must be seen. */
  asked: number;
  signal: AbortSignal;
}

/**
 * Fetches what a source asks for and finds its commit.
 * @throws BuildFault, GitFailure, or the signal's reason.
 */
export async function openGitSource(sources: GitSources, opening: Opening): Promise<SourceTree> {
  const { source, log, asked, signal } = opening;
  const address = checkSourceUrl(source.url, sources.allowed());
  const ref = parseGitRef(source.ref);
  const mirror = sources.mirrorOf(address);
  const access = accessTo(address, source);
  say(log, `Fetching ${address.host}${address.path}, ref ${source.ref}`);
  const commit = await locateCommit(sources.git, { mirror, ref, depth: source.depth, access, asked, signal });
  say(log, `Commit ${commit.id} ${commit.subject}`);
  if (!source.submodules && !source.lfs) return mirrorTree(sources.git, mirror, commit);
  return openCheckout(sources, opening, { mirror, commit: commit.id, access }, commit);
}

async function openCheckout(
  sources: GitSources,
  opening: Opening,
  top: Located,
  commit: Commit,
): Promise<SourceTree> {
  const { source, mark, signal } = opening;
  const folder = join(sources.checkouts, mark);
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const request: CheckoutRequest = {
    folder,
    top,
    submodules: source.submodules === true,
    lfs: source.lfs === true,
    signal,
    locateSubmodule: (parent, submodule) => locateSubmodule(sources, opening, parent, submodule),
  };
  try {
    await mkdir(folder, { recursive: true });
    const root = await checkOut(sources.git, request);
    const { describe } = mirrorTree(sources.git, top.mirror, commit);
    const facts = given({ refName: commit.refName, describe });
    return folderTree({ root, commit: commit.id, ...facts, gitModes: true, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function locateSubmodule(
  sources: GitSources,
  { source, log, asked, signal }: Opening,
  parent: Mirror,
  submodule: Submodule,
): Promise<Located> {
  say(log, `Submodule ${submodule.path}`);
  const address = checkSourceUrl(submoduleUrl(parent.address, submodule.url), sources.allowed());
  const mirror = sources.mirrorOf(address);
  const access = accessTo(address, source);
  say(log, `Fetching ${address.host}${address.path}, commit ${submodule.commit}`);
  const ref = parseGitRef(submodule.commit);
  const { id } = await locateCommit(sources.git, { mirror, ref, depth: source.depth, access, asked, signal });
  return { mirror, commit: id, access };
}

/** The source's credential, where the address is of the source's own server. */
function accessTo(address: SourceAddress, source: GitSource): Access | undefined {
  if (source.credential === undefined || address.scheme === 'ssh') return undefined;
  const own = parseSourceUrl(source.url);
  return isSameServer(own, address) ? { origin: address.origin, credential: source.credential } : undefined;
}

function say(log: LogSink, text: string): void {
  log.append('system', `${printable(text)}\n`);
}
