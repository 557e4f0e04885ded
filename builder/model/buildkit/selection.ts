import { posix } from 'node:path';
import type { ListedEntry } from '../tree.ts';
import { compileWildcard, PatternError } from '../wildcard.ts';

/** More than this many paths are not followed one by one: then everything is wanted. */
const mostFollowed = 10_000;

/**
 * The entries that BuildKit asks for by path, with the folders above and all that is below them. Links on the way are
 * followed, as far as they stay in the context; `*`, `?` and `[ ]` stand for names. What is not sure is selected.
 */
export function selectEntries(
  entries: readonly ListedEntry[],
  patterns: readonly string[],
): readonly ListedEntry[] {
  const roots = followPaths(entries, patterns);
  if (roots === undefined || roots.has('')) return entries;
  const above = new Set([...roots].flatMap(foldersAbove));
  return entries.filter(
    ({ path, kind }) =>
      roots.has(path) ||
      (kind === 'folder' && above.has(path)) ||
      foldersAbove(path).some((folder) => roots.has(folder)),
  );
}

/** All that the patterns lead to, "" being everything; undefined where it is too much to tell. */
function followPaths(
  entries: readonly ListedEntry[],
  patterns: readonly string[],
): ReadonlySet<string> | undefined {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const namesIn = namesByFolder(entries);
  const roots = new Set<string>();
  const waiting = patterns.map(clean);
  const seen = new Set(waiting);
  const follow = (path: string): void => {
    if (!seen.has(path)) waiting.push(path);
    seen.add(path);
  };

  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.size > mostFollowed) return undefined;
    const { at, rest, wild } = walk(byPath, path);
    const link = wild ? undefined : byPath.get(at);
    if (wild) {
      const matches = matcher(wild);
      for (const name of (namesIn.get(at) ?? []).filter(matches)) follow(posix.join(at, name, rest));
    } else roots.add(at);
    if (link?.kind === 'link') follow(targetOf(link, rest));
  }
  return roots;
}

/** Goes down a path until its end, a link or a pattern. */
function walk(
  byPath: ReadonlyMap<string, ListedEntry>,
  path: string,
): { at: string; rest: string; wild?: string } {
  const parts = path === '' ? [] : path.split('/');
  let at = '';
  for (const [i, part] of parts.entries()) {
    const rest = parts.slice(i + 1).join('/');
    const next = at === '' ? part : `${at}/${part}`;
    if (/[*?[\\]/.test(part) && !byPath.has(next)) return { at, rest, wild: part };
    at = next;
    if (byPath.get(at)?.kind === 'link') return { at, rest };
  }
  return { at, rest: '' };
}

function targetOf({ path, target }: ListedEntry, rest: string): string {
  const whole = posix.isAbsolute(target) ? target : posix.join('/', posix.dirname(path), target);
  return clean(posix.join(whole, rest));
}

function namesByFolder(entries: readonly ListedEntry[]): ReadonlyMap<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { path } of entries) {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(0, slash));
    const known = names.get(folder);
    if (known) known.push(path.slice(slash + 1));
    else names.set(folder, [path.slice(slash + 1)]);
  }
  return names;
}

function matcher(pattern: string): (name: string) => boolean {
  try {
    const matches = compileWildcard(pattern);
    return (name) => matches(name, { steps: 0 });
  } catch (error) {
    if (error instanceof PatternError) return () => true;
    throw error;
  }
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1))
    folders.push(path.slice(0, end));
  return folders;
}

/** Relative to the context, which `..` does not leave. */
function clean(path: string): string {
  return posix.join('/', path).replace(/^\/|\/$/g, '');
}
