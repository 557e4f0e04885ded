import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type Dockerignore, parseDockerignore } from '../model/dockerignore.ts';
import { BuildFault } from '../model/faults.ts';
import type { SourceTree, TreeEntry } from '../model/tree.ts';
import type { ExtraFile } from './contextFilter.ts';

const maxDockerfileBytes = 1_048_576;
const maxDockerignoreBytes = 1_048_576;

/** What of a source makes up a build's context. */
export interface FoundContext {
  /** Clean; "" is the whole source. */
  folder: string;
  /** The Dockerfile's path inside the context. */
  dockerfile: string;
  /** What is in the Dockerfile. */
  text: string;
  ignore: Dockerignore | undefined;
  /** Files that go with the context without being in its folder: a Dockerfile from elsewhere. */
  extra: readonly ExtraFile[];
}

export interface ContextWish {
  /** Folder of the source that is the context; "" is the whole. */
  folder: string;
  /** Path of the Dockerfile in the source; it may lie outside of the folder. */
  dockerfile: string;
}

/**
 * Looks at the Dockerfile, because the engine would keep the whole context on its disk if it were missing or empty,
 * and reads .dockerignore. Throws BuildFault `context_invalid`, `dockerfile_missing` or `dockerfile_invalid`.
 */
export async function findContext(tree: SourceTree, wish: ContextWish): Promise<FoundContext> {
  const folder = await findFolder(tree, wish.folder);
  const { path, text } = await findDockerfile(tree, wish.dockerfile);
  const inside = posix.relative(folder, path);
  if (inside.startsWith('../')) return withOutsideDockerfile(tree, folder, path, text);
  const ignore = await findDockerignore(tree, folder, path);
  const rules =
    ignore &&
    parseDockerignore(ignore.text, [inside, '.dockerignore', inFolder(folder, ignore)], ignore.path);
  return { folder, dockerfile: inside, text, ignore: rules, extra: [] };
}

/**
 * A Dockerfile that is not in the context goes along under a name of its own. The engine takes it out again, because
 * the .dockerignore that is sent names it, as the docker command does it.
 */
async function withOutsideDockerfile(
  tree: SourceTree,
  folder: string,
  path: string,
  text: string,
): Promise<FoundContext> {
  const ignore = await findDockerignore(tree, folder, path);
  const dockerfile = `.dockerfile.${createHash('sha256').update(path).digest('hex').slice(0, 20)}`;
  const rules = `${ignore?.text ?? ''}\n${dockerfile}\n.dockerignore\n`;
  const extra = [
    { name: dockerfile, content: Buffer.from(text) },
    { name: '.dockerignore', content: Buffer.from(rules) },
  ];
  const parsed = ignore && parseDockerignore(ignore.text, ['.dockerignore'], ignore.path);
  return { folder, dockerfile, text, ignore: parsed, extra };
}

async function findFolder(tree: SourceTree, folder: string): Promise<string> {
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

async function findDockerfile(tree: SourceTree, dockerfile: string): Promise<{ path: string; text: string }> {
  const path = cleanPath(dockerfile);
  if (path === undefined || path === '') throw invalid(dockerfile, 'is not a path inside the source');
  if (await linkAbove(tree, path)) throw invalid(dockerfile, 'is behind a link');
  const entry = await tree.entry(path);
  if (!entry) throw new BuildFault('dockerfile_missing', `There is no "${dockerfile}" in the source.`);
  if (entry.kind !== 'file') throw invalid(dockerfile, `is a ${entry.kind}, not a regular file`);
  if (entry.bytes > maxDockerfileBytes)
    throw invalid(dockerfile, `has ${entry.bytes} bytes, more than 1 MiB`);
  const text = (await tree.readFile(path, maxDockerfileBytes)).toString().replace(/^\uFEFF/, '');
  // Without a stage the engine of Debian 12 breaks the connection, as if it were lost.
  if (!/^\s*FROM\s/im.test(text)) throw invalid(dockerfile, 'has no FROM');
  return { path, text };
}

interface DockerignoreFile {
  /** In the source. */
  path: string;
  text: string;
}

/** `<Dockerfile>.dockerignore` or, where there is none, the context's `.dockerignore`. */
async function findDockerignore(
  tree: SourceTree,
  folder: string,
  dockerfile: string,
): Promise<DockerignoreFile | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, posix.join(folder, '.dockerignore')]) {
    const entry = await tree.entry(path);
    if (!entry) continue;
    checkDockerignore(path, entry);
    return { path, text: (await tree.readFile(path, maxDockerignoreBytes)).toString() };
  }
  return undefined;
}

function inFolder(folder: string, { path }: DockerignoreFile): string {
  return posix.relative(folder, path);
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
