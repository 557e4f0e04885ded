import { posix } from 'node:path';
import { type Dockerignore, parseDockerignore } from '../model/dockerignore.ts';
import { BuildFault } from '../model/faults.ts';
import type { SourceTree, TreeEntry } from '../model/tree.ts';

const maxDockerfileBytes = 1_048_576;
const maxDockerignoreBytes = 1_048_576;

/** The context's folder, clean; "" is the whole tree. Throws BuildFault `context_invalid`. */
export async function findFolder(tree: SourceTree, folder: string): Promise<string> {
  const path = cleanPath(folder);
  if (path === undefined)
    throw new BuildFault('context_invalid', `The context folder "${folder}" leaves the source.`);
  if (path === '') return '';
  if (await linkAbove(tree, path))
    throw new BuildFault('context_invalid', `The context folder "${folder}" is behind a link.`);
  if ((await tree.entry(path))?.kind !== 'folder')
    throw new BuildFault('context_invalid', `The source has no folder "${folder}".`);
  return path;
}

/**
 * The Dockerfile's path inside the context, clean, after a look at the file: the engine would keep the whole context
 * on its disk if it were missing or empty. Throws BuildFault `dockerfile_missing` or `dockerfile_invalid`.
 */
export async function findDockerfile(tree: SourceTree, folder: string, dockerfile: string): Promise<string> {
  const path = cleanPath(dockerfile);
  if (path === undefined || path === '') throw invalid(dockerfile, 'is not a path inside the context');
  const whole = posix.join(folder, path);
  if (await linkAbove(tree, whole)) throw invalid(dockerfile, 'is behind a link');
  const entry = await tree.entry(whole);
  if (!entry) throw new BuildFault('dockerfile_missing', `There is no "${dockerfile}" in the build context.`);
  if (entry.kind !== 'file') throw invalid(dockerfile, `is a ${entry.kind}, not a regular file`);
  if (entry.bytes > maxDockerfileBytes)
    throw invalid(dockerfile, `has ${entry.bytes} bytes, more than 1 MiB`);
  const text = (await tree.readFile(whole, maxDockerfileBytes)).toString();
  // Without a stage the engine of Debian 12 breaks the connection, as if it were lost.
  if (!/^\s*FROM\s/im.test(text.replace(/^\uFEFF/, ''))) throw invalid(dockerfile, 'has no FROM');
  return path;
}

/**
 * The rules of `<Dockerfile>.dockerignore` or, where there is none, of `.dockerignore`; undefined without either.
 * Throws BuildFault `context_invalid`.
 */
export async function findDockerignore(
  tree: SourceTree,
  folder: string,
  dockerfile: string,
): Promise<Dockerignore | undefined> {
  for (const file of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = posix.join(folder, file);
    const entry = await tree.entry(path);
    if (!entry) continue;
    checkDockerignore(file, entry);
    const text = (await tree.readFile(path, maxDockerignoreBytes)).toString();
    return parseDockerignore(text, [dockerfile, '.dockerignore', file], file);
  }
  return undefined;
}

function checkDockerignore(file: string, entry: TreeEntry): void {
  if (entry.kind !== 'file')
    throw new BuildFault('context_invalid', `"${file}" is a ${entry.kind}, not a regular file.`);
  if (entry.bytes > maxDockerignoreBytes)
    throw new BuildFault('context_invalid', `"${file}" has ${entry.bytes} bytes, more than 1 MiB.`);
}

/** The path without `.` and doubled slashes; undefined where it is absolute or leaves its folder. */
function cleanPath(path: string): string | undefined {
  if (path.includes('\0') || posix.isAbsolute(path)) return undefined;
  const clean = posix.join(path, '.').replace(/\/$/, '');
  return clean === '..' || clean.startsWith('../') ? undefined : clean.replace(/^\.$/, '');
}

/** Whether a folder above the path is a link, which could lead out of the source. */
async function linkAbove(tree: SourceTree, path: string): Promise<boolean> {
  const parts = path.split('/').slice(0, -1);
  for (const i of parts.keys()) {
    const entry = await tree.entry(parts.slice(0, i + 1).join('/'));
    if (entry?.kind === 'link') return true;
  }
  return false;
}

function invalid(dockerfile: string, problem: string): BuildFault {
  return new BuildFault('dockerfile_invalid', `The Dockerfile "${dockerfile}" ${problem}.`);
}
