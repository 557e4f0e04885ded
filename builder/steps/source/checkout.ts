import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildFault } from '../../model/faults.ts';
import { entryBelow } from './folderTree.ts';
import { type Git, GitFailure, type GitScope } from './git.ts';
import type { Access, ConfigEntry } from './gitEnvironment.ts';
import type { Mirror } from './mirror.ts';
import { type Submodule, submodulesOf } from './submodules.ts';
import { refuseHugeTree } from './treeSize.ts';

/** A commit that lies in a mirror. */
export interface Located {
  mirror: Mirror;
  commit: string;
  access?: Access | undefined;
}

export interface CheckoutRequest {
  /** An empty folder that the checkout may fill: `tree` in it gets the files. */
  folder: string;
  top: Located;
  submodules: boolean;
  lfs: boolean;
  signal: AbortSignal;
  /** Brings a submodule's commit into a mirror, after its address was checked. */
  locateSubmodule(parent: Mirror, submodule: Submodule): Promise<Located>;
}

interface Place extends Located {
  /** Below the root of the whole checkout; "" is the root. */
  path: string;
}

const mostSubmodules = 500;

/**
 * Writes the files of a commit, with those of its submodules and LFS objects where they are asked for. There is no
 * `.git` in it. Returns the root.
 * @throws BuildFault, GitFailure, or the signal's reason.
 */
export async function checkOut(git: Git, request: CheckoutRequest): Promise<string> {
  const root = join(request.folder, 'tree');
  await mkdir(root, { recursive: true });
  if (request.lfs) await needLfs(git, request);
  let level: Place[] = [{ ...request.top, path: '' }];
  let count = 0;
  while (level.length > 0) {
    for (const place of level) await writeFiles(git, request, root, place);
    level = request.submodules ? await nextLevel(git, request, level) : [];
    count += level.length;
    if (count > mostSubmodules) {
      throw new BuildFault('source_invalid', `The repository has more than ${mostSubmodules} submodules.`);
    }
  }
  return root;
}

async function nextLevel(git: Git, request: CheckoutRequest, level: readonly Place[]): Promise<Place[]> {
  const next: Place[] = [];
  for (const parent of level) {
    const scope = { gitDir: parent.mirror.folder, signal: request.signal };
    for (const submodule of await submodulesOf(git, scope, parent.commit)) {
      const located = await request.locateSubmodule(parent.mirror, submodule);
      next.push({ ...located, path: join(parent.path, submodule.path) });
    }
  }
  return next;
}

async function writeFiles(git: Git, request: CheckoutRequest, root: string, place: Place): Promise<void> {
  // git made the folder of a submodule itself; a link there would lead the files out of the checkout.
  if ((await entryBelow(root, place.path))?.kind !== 'folder') {
    throw new BuildFault('source_invalid', `The submodule ${place.path} has no folder of its own.`);
  }
  const gitDir = place.mirror.folder;
  const { signal } = request;
  await refuseHugeTree({ environment: git.environment(gitDir), treeish: place.commit, signal });
  const scope: GitScope = {
    gitDir,
    signal,
    environment: { GIT_WORK_TREE: join(root, place.path), GIT_INDEX_FILE: join(request.folder, 'index') },
    ...(request.lfs ? { access: place.access, config: lfsConfig(place.mirror) } : {}),
  };
  await git.run(scope, (repository) => repository.raw('read-tree', '--reset', '-u', place.commit));
}

/** LFS objects come from the repository's own server, whatever its `.lfsconfig` says. */
function lfsConfig({ address }: Mirror): ConfigEntry[] {
  const url = `${address.url.replace(/(\.git)?$/, '.git')}/info/lfs`;
  return [
    ['filter.lfs.process', 'git-lfs filter-process'],
    ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
    ['filter.lfs.clean', 'git-lfs clean -- %f'],
    ['filter.lfs.required', 'true'],
    ['lfs.url', url],
  ];
}

async function needLfs(git: Git, { top, signal }: CheckoutRequest): Promise<void> {
  try {
    await git.run({ gitDir: top.mirror.folder, signal }, (repository) => repository.raw('lfs', 'version'));
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const sentence =
      'The build wants LFS objects, but git-lfs is not installed on the build server. Install it.';
    throw new BuildFault('source_invalid', sentence, { exitCode: error.exitCode, cause: error });
  }
}
