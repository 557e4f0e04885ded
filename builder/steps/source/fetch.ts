import type { GitRef } from '../../model/gitRef.ts';
import { isRedirect } from './gitFaults.ts';
import type { Git } from './git.ts';
import type { Access } from './gitEnvironment.ts';
import {
  isShallow,
  type Mirror,
  mirrorExists,
  prepareMirror,
  readerKey,
  rememberReader,
  sweepMirror,
} from './mirror.ts';
import { redirectedUrl } from './redirect.ts';

/** What one fetch brings into a mirror. */
export interface Fetch {
  refspecs: readonly string[];
  /** The newest commits only; no more than a wish where the mirror already has whole histories. */
  depth?: number;
  /** All branches and tags: those that are gone go, and a shallow mirror becomes whole. */
  whole?: boolean;
}

/** A fetch, and the ref that can be looked for after it. */
export interface FetchStep {
  fetch: Fetch;
  ref: GitRef;
}

const everything: Fetch = {
  refspecs: ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
  whole: true,
};

/** The fetches that can bring a ref, to be tried in this order until it is there. */
export function fetchesFor(ref: GitRef, depth: number | undefined): FetchStep[] {
  if (ref.kind === 'other') return [only(ref, ref.ref, depth)];
  const whole = { fetch: everything, ref };
  if (ref.kind === 'commit') {
    const byId = only(ref, ref.id, depth);
    return depth === undefined ? [whole, byId] : [byId, whole];
  }
  if (depth === undefined) return [whole];
  if (ref.kind !== 'name') return [only(ref, ref.ref, depth)];
  const { name } = ref;
  const branch: GitRef = { kind: 'branch', name, ref: `refs/heads/${name}` };
  const tag: GitRef = { kind: 'tag', name, ref: `refs/tags/${name}` };
  const named = [only(branch, branch.ref, depth), only(tag, tag.ref, depth)];
  return ref.short ? [...named, whole] : named;
}

/** The depth that a new fetch should keep to: none where the mirror already has whole histories. */
export async function usefulDepth(mirror: Mirror, depth: number | undefined): Promise<number | undefined> {
  if (depth === undefined) return undefined;
  return (await mirrorExists(mirror)) && !(await isShallow(mirror)) ? undefined : depth;
}

/** Where a ref is kept in the mirror. */
export function mirroredRef(ref: string): string {
  return ref === 'HEAD' ? 'refs/docker-builder/HEAD' : ref;
}

/** Who wants a fetch: into which mirror, with which credential, and since when (a time of `performance.now()`). */
export interface Fetcher {
  mirror: Mirror;
  access?: Access | undefined;
  asked: number;
  signal: AbortSignal;
}

/**
 * Brings a fetch into the mirror, together with all who want the same one with the same credential.
 * @throws GitFailure, or the signal's reason.
 */
export async function fetchShared(git: Git, fetcher: Fetcher, fetch: Fetch): Promise<void> {
  const { mirror, access, asked, signal } = fetcher;
  const key = JSON.stringify([fetch, readerKey(access)]);
  await mirror.work.share(key, asked, signal, async (shared) => {
    const depth = await usefulDepth(mirror, fetch.depth);
    await prepareMirror(git, mirror, shared);
    try {
      const options = await fetchOptions(mirror, fetch, depth);
      await fetchFrom(git, { mirror, access, signal: shared }, options, fetch.refspecs);
    } catch (error) {
      await sweepMirror(mirror);
      throw error;
    }
    rememberReader(mirror, access);
  });
}

function only(ref: GitRef, name: string, depth: number | undefined): FetchStep {
  const refspecs = [ref.kind === 'commit' ? name : `+${name}:${mirroredRef(name)}`];
  return { ref, fetch: depth === undefined ? { refspecs } : { refspecs, depth } };
}

async function fetchOptions(mirror: Mirror, fetch: Fetch, depth: number | undefined): Promise<string[]> {
  const options = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  if (depth !== undefined) options.push(`--depth=${depth}`);
  if (!fetch.whole) return options;
  return [...options, '--prune', ...((await isShallow(mirror)) ? ['--unshallow'] : [])];
}

async function fetchFrom(
  git: Git,
  { mirror, access, signal }: Omit<Fetcher, 'asked'>,
  options: readonly string[],
  refspecs: readonly string[],
): Promise<void> {
  const scope = { gitDir: mirror.folder, signal, access };
  const from = (url: string): Promise<string> =>
    git.run(scope, (repository) => repository.raw('fetch', ...options, '--', url, ...refspecs));
  try {
    await from(mirror.address.url);
  } catch (error) {
    if (!isRedirect(error)) throw error;
    await from(await redirectedUrl(git, scope, mirror.address));
  }
}
