import { BuildFault } from '../../model/faults.ts';
import type { GitRef } from '../../model/gitRef.ts';
import { mirroredRef } from './fetch.ts';
import { type Git, GitFailure } from './git.ts';
import { printable } from './gitFaults.ts';
import type { Mirror } from './mirror.ts';

/** What a ref stands for. */
export interface Commit {
  /** 40 hex digits. */
  id: string;
  /** First line of its message. */
  subject: string;
  /** The branch or tag that was named. */
  refName?: string;
}

interface Candidate {
  revision: string;
  refName?: string;
}

/**
 * The commit that a ref stands for in the mirror as it is; annotated tags are peeled, a branch goes before a tag.
 * @throws BuildFault `ref_not_found` where the beginning of a commit id fits several.
 */
export async function resolveRef(
  git: Git,
  mirror: Mirror,
  ref: GitRef,
  signal: AbortSignal,
): Promise<Commit | undefined> {
  for (const { revision, refName } of candidates(ref)) {
    const found = await showCommit(git, mirror, revision, signal);
    if (found) return { ...found, ...(refName === undefined ? {} : { refName }) };
  }
  return undefined;
}

/**
 * Looks whether all files of a commit are there, not whether they are whole.
 * @throws GitFailure where one is missing.
 */
export async function checkFiles(git: Git, mirror: Mirror, id: string, signal: AbortSignal): Promise<void> {
  const list = ['rev-list', '--objects', '--no-walk', '--quiet', id, '--'];
  await git.run({ gitDir: mirror.folder, signal }, (repository) => repository.raw(list));
}

function candidates(ref: GitRef): Candidate[] {
  if (ref.kind === 'commit') return [{ revision: ref.id }];
  if (ref.kind === 'other') return [{ revision: mirroredRef(ref.ref) }];
  if (ref.kind !== 'name') return [{ revision: ref.ref, refName: ref.name }];
  const { name: refName, short } = ref;
  const named = ['refs/heads/', 'refs/tags/'].map((prefix) => ({ revision: prefix + refName, refName }));
  return short ? [...named, { revision: refName }] : named;
}

async function showCommit(
  git: Git,
  mirror: Mirror,
  revision: string,
  signal: AbortSignal,
): Promise<{ id: string; subject: string } | undefined> {
  const show = ['log', '-1', '--format=%H%n%s', '--end-of-options', `${revision}^{commit}`, '--'];
  try {
    const shown = await git.run({ gitDir: mirror.folder, signal }, (repository) => repository.raw(show));
    const [id = '', subject = ''] = shown.split('\n');
    return { id, subject: printable(subject) };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (/is ambiguous/.test(error.stderr)) throw ambiguous();
    if (/^fatal: bad revision/m.test(error.stderr)) return undefined;
    throw error;
  }
}

function ambiguous(): BuildFault {
  return new BuildFault('ref_not_found', 'Several commits begin with this id. Give more of its digits.');
}
