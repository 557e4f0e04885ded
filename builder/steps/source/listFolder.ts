import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedEntry } from '../../model/tree.ts';

/** How many entries are looked at side by side. */
const atOnce = 64;

/** All that is below a folder on disk; fifos, sockets, devices and every `.git` are left out. Follows no links. */
export async function* listFolder(
  root: string,
  { gitModes, signal }: { gitModes: boolean; signal: AbortSignal },
): AsyncGenerator<ListedEntry> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const above = folder === '' ? '' : `${folder}/`;
    const names = (await readdir(join(root, folder))).filter((name) => name !== '.git');
    for (let from = 0; from < names.length; from += atOnce) {
      signal.throwIfAborted();
      const some = names.slice(from, from + atOnce);
      const found = await Promise.all(some.map((name) => entryAt(root, above + name, gitModes)));
      const entries = found.filter((entry) => entry !== undefined);
      folders.push(...entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path));
      yield* entries;
    }
  }
}

async function entryAt(root: string, path: string, gitModes: boolean): Promise<ListedEntry | undefined> {
  const whole = join(root, path);
  const stats = await lstat(whole, { bigint: true });
  const kind = kindOf(stats);
  if (kind === undefined) return undefined;
  return {
    path,
    kind,
    mode: gitModes ? gitMode(kind, stats) : Number(stats.mode) & 0o7777,
    bytes: kind === 'file' ? Number(stats.size) : 0,
    target: kind === 'link' ? await readlink(whole) : '',
    id: path,
    modifiedNs: stats.mtimeNs,
  };
}

function kindOf(stats: BigIntStats): ListedEntry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : undefined;
}

function gitMode(kind: ListedEntry['kind'], { mode }: BigIntStats): number {
  if (kind === 'link') return 0o777;
  return kind === 'folder' || (Number(mode) & 0o100) !== 0 ? 0o755 : 0o644;
}
