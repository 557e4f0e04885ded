import { createHash } from 'node:crypto';

/** Docker allows 255 characters of name, a registry's address that a push puts before it included. */
const maxAccount = 100;
const maxRepo = 120;
const maxTag = 128;
const shortCommit = 7;

/**
 * The repository part of an image's name, valid for every engine and registry: lower case, characters that are not
 * allowed become `-`, `a/b` in the account stays two parts. Names that differ only in case, or only in such
 * characters (`a+b`, `a-b`, `a--b`), fall together; what would be cut or has nothing to keep gets a hash instead.
 */
export function imageName(account: string, repo: string): string {
  const folder = imageFolder(account);
  return [...(folder === '' ? [] : [folder]), component(repo, maxRepo)].join('/');
}

/** What the names of an account's images begin with, without a slash at the end; "" for no account. */
export function imageFolder(account: string): string {
  const parts = account.split('/').filter((part) => part !== '');
  const folders = parts.length > 0 ? safeFirst(parts.map((part) => component(part, maxAccount))) : [];
  const path = folders.join('/');
  return path.length <= maxAccount ? path : component(path, maxAccount, account);
}

/**
 * A valid tag for a branch, tag or other ref: `feature/x` becomes `feature-x`, `refs/pull/7/head` `pull-7-head`.
 * Refs that differ only in characters that a tag cannot have fall together.
 */
export function tagName(ref: string): string {
  const name = ref.replace(/^refs\/(?:heads|tags|remotes)\//, '').replace(/^refs\//, '');
  const tag = name.replaceAll(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  if (tag === '') return `ref-${hash(ref)}`;
  return tag.length <= maxTag ? tag : `${tag.slice(0, maxTag - 9)}-${hash(ref)}`;
}

/** What an image is tagged where nothing else is said: the commit's first 7 digits and the branch, where known. */
export function usualTags(commit?: string, refName?: string): string[] {
  const tags = new Set<string>();
  if (commit !== undefined) tags.add(commit.slice(0, shortCommit));
  if (refName !== undefined) tags.add(tagName(refName));
  return tags.size > 0 ? [...tags] : ['latest'];
}

/**
 * The first of several parts must not read as a registry's address (`my.org/x`, `localhost/x`) nor as Docker Hub's own
 * `library`, where a build could take the name of a base image.
 */
function safeFirst(parts: string[]): string[] {
  const [first = '', ...rest] = parts;
  const plain = first.replaceAll('.', '-');
  return [plain === 'localhost' || plain === 'library' ? `x-${plain}` : plain, ...rest];
}

/** One part of a name between slashes: letters and digits, with single separators between them. */
function component(text: string, max: number, hashed = text): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/[._-]{2,}/g, foldedSeparators)
    .replaceAll(/^[._-]+|[._-]+$/g, '');
  if (name === '') return `x-${hash(hashed)}`;
  return name.length <= max ? name : `${name.slice(0, max - 9).replace(/[._-]+$/, '')}-${hash(hashed)}`;
}

/** Docker allows one `.`, one or two `_`, or `-` between letters and digits, and no mixture. */
function foldedSeparators(run: string): string {
  return run === '__' ? run : '-';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
