import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceAddress } from '../../model/sourceUrl.ts';
import { folderBytes } from '../folderBytes.ts';
import {
  createMirror,
  type Mirror,
  mirrorName,
  noteUse,
  removeMirror,
  trashSuffix,
  urlFile,
  usedAt,
} from './mirror.ts';
import { createSharedWork } from './sharedWork.ts';

/** A mirror as the one who decides about its removal sees it. */
export interface MirrorUse {
  /** Of its folder. */
  name: string;
  url: string | undefined;
  bytes: number;
  /** When a build last had it, in milliseconds since 1970. */
  usedAt: number;
  isHeld: boolean;
}

/** Mirrors that stay as long as somebody holds them. */
export interface MirrorHold {
  /** One and the same for all who ask for one address. */
  mirrorOf(address: SourceAddress): Mirror;
  release(): Promise<void>;
}

export interface Mirrors {
  hold(): MirrorHold;
  /** What is there, the one that was used longest ago first. Only those that were used since the last time are measured. */
  list(): Promise<MirrorUse[]>;
  /** Removes a mirror; false where somebody holds it, or it is gone. */
  remove(name: string, signal: AbortSignal): Promise<boolean>;
  /** Removes what a removal left that a crash broke off. Nobody may hold anything. */
  sweep(): Promise<void>;
}

/** The part of a mirror that is there also where nobody knows what it is a mirror of. */
type Kept = Omit<Mirror, 'address'>;

const nameShape = /^[0-9a-f]{40}\.git$/;

export function createMirrors(folder: string): Mirrors {
  const known = new Map<string, Kept | Mirror>();
  const holders = new Map<string, number>();
  const measured = new Map<string, { usedAt: number; bytes: number }>();

  function mirrorOf(address: SourceAddress): Mirror {
    const name = mirrorName(address);
    const found = known.get(name);
    if (found && 'address' in found) return found;
    // Whoever removes it at this moment works on the same one.
    const mirror = Object.assign(found ?? unknownMirror(folder, name), createMirror(folder, address), {
      ...(found && { work: found.work }),
    });
    known.set(name, mirror);
    return mirror;
  }

  function hold(): MirrorHold {
    const held = new Map<string, Mirror>();
    return {
      mirrorOf(address) {
        const mirror = mirrorOf(address);
        const name = mirrorName(address);
        if (!held.has(name)) holders.set(name, (holders.get(name) ?? 0) + 1);
        held.set(name, mirror);
        return mirror;
      },
      async release() {
        const mirrors = [...held];
        held.clear();
        for (const [name, mirror] of mirrors) {
          await noteUse(mirror);
          const left = (holders.get(name) ?? 1) - 1;
          if (left > 0) holders.set(name, left);
          else holders.delete(name);
        }
      },
    };
  }

  async function list(): Promise<MirrorUse[]> {
    const names = (await readdir(folder).catch(() => [])).filter((name) => nameShape.test(name));
    const found: MirrorUse[] = [];
    for (const name of names) found.push(await look(name));
    for (const name of measured.keys()) if (!names.includes(name)) measured.delete(name);
    return found.toSorted((a, b) => a.usedAt - b.usedAt);
  }

  async function look(name: string): Promise<MirrorUse> {
    const place = join(folder, name);
    const at = await usedAt(place);
    const before = measured.get(name);
    const isHeld = holders.has(name);
    const bytes = before?.usedAt === at && !isHeld ? before.bytes : await folderBytes(place);
    measured.set(name, { usedAt: at, bytes });
    const url = await readFile(join(place, urlFile), 'utf8').catch(() => undefined);
    return { name, url: url?.trim(), bytes, usedAt: at, isHeld };
  }

  async function remove(name: string, signal: AbortSignal): Promise<boolean> {
    if (!nameShape.test(name)) throw new Error(`${name} is not the name of a mirror`);
    const mirror = known.get(name) ?? unknownMirror(folder, name);
    known.set(name, mirror);
    const isThere = await stat(mirror.folder).then(
      () => true,
      () => false,
    );
    return isThere && (await removeMirror(mirror, () => holders.has(name), signal));
  }

  async function sweep(): Promise<void> {
    for (const name of await readdir(folder).catch(() => []))
      if (name.endsWith(trashSuffix)) await rm(join(folder, name), { recursive: true, force: true });
  }

  return { hold, list, remove, sweep };
}

function unknownMirror(folder: string, name: string): Kept {
  return {
    folder: join(folder, name),
    work: createSharedWork(),
    generation: 0,
    swept: false,
    checked: false,
    readers: new Map(),
  };
}
