import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const atOnce = 32;

/** What the files of a folder hold, at any depth; what goes meanwhile does not count, nor does a folder that is not there. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  let bytes = 0;
  for (let from = 0; from < files.length; from += atOnce) {
    const sizes = await Promise.all(files.slice(from, from + atOnce).map(fileBytes));
    bytes += sizes.reduce((sum, size) => sum + size, 0);
  }
  for (const entry of entries) if (entry.isDirectory()) bytes += await folderBytes(join(folder, entry.name));
  return bytes;
}

/** 0 where there is none. */
export async function fileBytes(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
