import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceAddress } from '../../model/sourceUrl.ts';
import type { Git } from './git.ts';
import type { Access } from './gitEnvironment.ts';
import { createSharedWork, type SharedWork } from './sharedWork.ts';

/** A bare copy of one repository. Whoever writes to it does so within `work`; readers need no lock. */
export interface Mirror {
  folder: string;
  address: SourceAddress;
  work: SharedWork;
  /** Grows each time the mirror is thrown away, so that nobody throws away what was just made anew. */
  generation: number;
  /** Whether what a dead process left was looked for. */
  swept: boolean;
  /** Whether the files of a commit were all found there since this process runs. */
  checked: boolean;
  /** When the git server last let each credential read; keys are hashes. */
  readers: Map<string, number>;
}

// Written last: a mirror without this file is one that was killed while it was made.
const attributesFile = join('info', 'attributes');
// A commit's own .gitattributes must not hide or change files of a build.
const attributes = '* -export-ignore -export-subst\n';
const readerMs = 10 * 60_000;

/** Git keeps a sentence there about a repository; ours says what it is a mirror of. */
export const urlFile = 'description';
export const trashSuffix = '.trash';

/** Of its folder. */
export function mirrorName(address: SourceAddress): string {
  return `${createHash('sha256').update(address.url).digest('hex').slice(0, 40)}.git`;
}

export function createMirror(folder: string, address: SourceAddress): Mirror {
  return {
    folder: join(folder, mirrorName(address)),
    address,
    work: createSharedWork(),
    generation: 0,
    swept: false,
    checked: false,
    readers: new Map(),
  };
}

export async function mirrorExists(mirror: Mirror): Promise<boolean> {
  return exists(join(mirror.folder, attributesFile));
}

/** Whether only some of the history is there. */
export async function isShallow(mirror: Mirror): Promise<boolean> {
  return exists(join(mirror.folder, 'shallow'));
}

/** Makes the mirror, or frees an old one of what a killed git left in it. Only within `work`. */
export async function prepareMirror(git: Git, mirror: Mirror, signal: AbortSignal): Promise<void> {
  if (await mirrorExists(mirror)) {
    if (!mirror.swept) await sweepMirror(mirror);
    return;
  }
  await removeFolder(mirror.folder);
  await mkdir(mirror.folder, { recursive: true });
  await git.run({ gitDir: mirror.folder, signal }, (repository) => repository.init(true, ['--template=']));
  await mkdir(join(mirror.folder, 'info'), { recursive: true });
  await writeFile(join(mirror.folder, urlFile), `${mirror.address.url}\n`);
  await writeFile(join(mirror.folder, attributesFile), attributes);
  mirror.swept = true;
  mirror.checked = true;
}

/** Removes locks and half-written files; no git may be writing. Only within `work`. */
export async function sweepMirror(mirror: Mirror): Promise<void> {
  for (const name of ['.', 'refs', 'objects', 'objects/pack', 'objects/info']) {
    await removeLeftovers(join(mirror.folder, name), name === 'refs');
  }
  await rm(trashOf(mirror.folder), { recursive: true, force: true });
  mirror.swept = true;
}

/** Throws the mirror away, unless somebody did since `generation`. */
export async function discardMirror(mirror: Mirror, generation: number, signal: AbortSignal): Promise<void> {
  await mirror.work.share(`discard ${generation}`, performance.now(), signal, async () => {
    if (mirror.generation !== generation) return;
    mirror.generation += 1;
    mirror.checked = false;
    await removeFolder(mirror.folder);
  });
}

/** Throws the mirror away unless somebody holds it; false where somebody does. Whoever comes meanwhile waits. */
export async function removeMirror(
  mirror: Omit<Mirror, 'address'>,
  isHeld: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  let isRemoved = false;
  await mirror.work.share('remove', performance.now(), signal, async () => {
    if (isHeld()) return;
    mirror.generation += 1;
    mirror.checked = false;
    // A commit that is known to be here is looked for without a lock, by those alone who may read it.
    mirror.readers.clear();
    await removeFolder(mirror.folder);
    isRemoved = true;
  });
  return isRemoved;
}

/** Notes that a build had the mirror until now; nothing happens where it is gone. */
export async function noteUse({ folder }: Pick<Mirror, 'folder'>): Promise<void> {
  const now = new Date();
  await utimes(join(folder, attributesFile), now, now).catch(() => {});
}

/** When a build last had the mirror in a folder, in milliseconds since 1970; 0 where it is none. */
export async function usedAt(folder: string): Promise<number> {
  return stat(join(folder, attributesFile)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Remembers that the git server let this credential, or anybody, read. */
export function rememberReader(mirror: Mirror, access: Access | undefined): void {
  const now = Date.now();
  for (const [reader, at] of mirror.readers) if (now - at >= readerMs) mirror.readers.delete(reader);
  mirror.readers.set(readerKey(access), now);
}

/** Whether a credential may be served from the mirror without asking the git server again. */
export function isKnownReader(mirror: Mirror, access: Access | undefined): boolean {
  const at = mirror.readers.get(readerKey(access));
  return at !== undefined && Date.now() - at < readerMs;
}

/** Names a credential without telling it. */
export function readerKey(access: Access | undefined): string {
  if (access === undefined) return 'anybody';
  const { username, password } = access.credential;
  return createHash('sha256')
    .update(JSON.stringify([username, password]))
    .digest('hex');
}

async function removeLeftovers(folder: string, recursive: boolean): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive }).catch(() => []);
  for (const entry of entries) {
    if (!/\.lock$|^tmp_|^incoming-/.test(entry.name)) continue;
    await rm(join(entry.parentPath, entry.name), { recursive: true, force: true });
  }
}

/** Out of the way at once, so that what is half removed is never taken for a mirror. */
async function removeFolder(folder: string): Promise<void> {
  const trash = trashOf(folder);
  await rm(trash, { recursive: true, force: true });
  if (await exists(folder)) await rename(folder, trash);
  await rm(trash, { recursive: true, force: true });
}

function trashOf(folder: string): string {
  return `${folder}${trashSuffix}`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
