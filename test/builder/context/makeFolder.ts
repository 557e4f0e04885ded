import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SourceTree } from '../../../builder/model/tree.ts';
import { folderTree } from '../../../builder/steps/source/folderTree.ts';

/** Content of a file, `{ link }` for a symbolic link, null for an empty folder. */
export type Files = Record<string, string | { link: string } | null>;

export interface TestFolder {
  path: string;
  tree: SourceTree;
  remove(): Promise<void>;
}

/** A folder on disk with these files, as a source tree. */
export async function makeFolder(files: Files): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'context-')));
  for (const [name, content] of Object.entries(files)) await make(join(path, name), content);
  return { path, tree: folderTree({ root: path }), remove: () => rm(path, { recursive: true }) };
}

async function make(path: string, content: Files[string]): Promise<void> {
  await mkdir(content === null ? path : dirname(path), { recursive: true });
  if (typeof content === 'string') await writeFile(path, content);
  else if (content) await symlink(content.link, path);
}
