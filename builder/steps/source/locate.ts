import { BuildFault } from '../../model/faults.ts';
import type { GitRef } from '../../model/gitRef.ts';
import { type Fetch, fetchesFor, fetchShared, type Fetcher, usefulDepth } from './fetch.ts';
import type { Git } from './git.ts';
import { isDamage, isRefMissing } from './gitFaults.ts';
import { discardMirror, isKnownReader, mirrorExists } from './mirror.ts';
import { checkFiles, type Commit, resolveRef } from './resolve.ts';

/** Which commit of which repository is wanted, and with whose credential. */
export interface Wanted extends Fetcher {
  ref: GitRef;
  depth?: number | undefined;
}

/**
 * Brings a ref's commit into the mirror. A damaged mirror is thrown away and made anew, once.
 * @throws BuildFault `ref_not_found`, GitFailure, or the signal's reason.
 */
export async function locateCommit(git: Git, wanted: Wanted): Promise<Commit> {
  const { mirror, signal } = wanted;
  const { generation } = mirror;
  const existed = await mirrorExists(mirror);
  try {
    return await findCommit(git, wanted);
  } catch (error) {
    if (!existed || !isDamage(error)) throw error;
    await discardMirror(mirror, generation, signal);
    return findCommit(git, wanted);
  }
}

async function findCommit(git: Git, wanted: Wanted): Promise<Commit> {
  const { mirror, ref, signal } = wanted;
  const known = await knownCommit(git, wanted);
  if (known) return known;
  for (const step of fetchesFor(ref, await usefulDepth(mirror, wanted.depth))) {
    const fetched = await tryFetch(git, wanted, step.fetch);
    const found = fetched && (await resolveRef(git, mirror, step.ref, signal));
    if (found) return checked(git, wanted, found);
  }
  throw new BuildFault('ref_not_found', `The repository has no branch, tag or commit ${nameOf(ref)}.`);
}

/** A commit id means the same for ever: where it is there, and its asker may read it, nothing is fetched. */
async function knownCommit(git: Git, wanted: Wanted): Promise<Commit | undefined> {
  const { mirror, ref, access, signal } = wanted;
  if (ref.kind !== 'commit' || !isKnownReader(mirror, access)) return undefined;
  if (!(await mirrorExists(mirror))) return undefined;
  const found = await resolveRef(git, mirror, ref, signal);
  return found && checked(git, wanted, found);
}

async function tryFetch(git: Git, wanted: Wanted, fetch: Fetch): Promise<boolean> {
  try {
    await fetchShared(git, wanted, fetch);
    return true;
  } catch (error) {
    if (isRefMissing(error)) return false;
    throw error;
  }
}

/** A mirror of an earlier process may have lost files in a crash, which a fetch alone would not notice. */
async function checked(git: Git, { mirror, signal }: Wanted, commit: Commit): Promise<Commit> {
  if (!mirror.checked) await checkFiles(git, mirror, commit.id, signal);
  mirror.checked = true;
  return commit;
}

function nameOf(ref: GitRef): string {
  if (ref.kind === 'commit') return ref.id;
  return ref.kind === 'name' ? ref.name : ref.ref;
}
