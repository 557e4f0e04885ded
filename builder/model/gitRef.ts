import { BuildFault } from './faults.ts';

/** What a caller may name in a repository. */
export type GitRef =
  | { kind: 'commit'; id: string }
  /** A branch or a tag, in this order; where neither exists and `short` is set, the beginning of a commit id. */
  | { kind: 'name'; name: string; short: boolean }
  | { kind: 'branch'; name: string; ref: string }
  | { kind: 'tag'; name: string; ref: string }
  /** Anything else below `refs/` (a pull request), or `HEAD`. */
  | { kind: 'other'; ref: string };

const longestRef = 255;
const fullId = /^[0-9a-f]{40}$/i;
const shortId = /^[0-9a-f]{4,39}$/i;
const forbiddenCharacters = /[\p{Cc} ~^:?*[\\]/u;

/**
 * Says what a ref means.
 * @throws BuildFault `source_refused` where git would not accept it as the name of a ref, or could take it for an option.
 */
export function parseGitRef(text: string): GitRef {
  if (!isSafeRef(text)) {
    throw new BuildFault('source_refused', 'The ref is not a valid name of a branch, tag or commit.');
  }
  if (fullId.test(text)) return { kind: 'commit', id: text.toLowerCase() };
  if (text === 'HEAD') return { kind: 'other', ref: text };
  if (!text.startsWith('refs/')) return { kind: 'name', name: text, short: shortId.test(text) };
  if (text.startsWith('refs/heads/')) return { kind: 'branch', name: text.slice(11), ref: text };
  if (text.startsWith('refs/tags/')) return { kind: 'tag', name: text.slice(10), ref: text };
  return { kind: 'other', ref: text };
}

/**
 * Whether a ref may be of a change that somebody proposes, who need not have any right to the repository. Each git server
 * keeps such elsewhere (`refs/pull`, `refs/merge-requests`, `refs/changes`, `refs/for`), but none among branches and tags.
 */
export function isProposal(ref: string): boolean {
  return ref.startsWith('refs/') && !/^refs\/(?:heads|tags)\//.test(ref);
}

/** Whether a text is safe to give to git as a ref: the rules of `git check-ref-format`, and no leading `-`. */
export function isSafeRef(text: string): boolean {
  if (text === '' || text === '@' || text.length > longestRef || !text.isWellFormed()) return false;
  if (text.startsWith('-') || text.endsWith('.')) return false;
  if (forbiddenCharacters.test(text) || text.includes('..') || text.includes('@{')) return false;
  return text.split('/').every(isSafeComponent);
}

function isSafeComponent(component: string): boolean {
  return component !== '' && !component.startsWith('.') && !component.endsWith('.lock');
}
