import type { MirrorUse } from '../../../builder/steps/source/mirrors.ts';
import { before } from '../../config/retentionSchema.ts';
import { isOver, type Pass } from './pass.ts';

/** Longest time that a mirror's own work may keep its removal waiting, in milliseconds. */
const removalMs = 60_000;

/** Removes mirrors that no build had for too long, and those longest unused where all together are too large. */
export async function cleanMirrors(pass: Pass): Promise<void> {
  const { unusedDays, maxBytes } = pass.rules.mirrors;
  const limit = before(unusedDays, pass.now);
  const listed = await pass.room.sources.mirrors.list();
  const unused = limit === undefined ? [] : listed.filter(({ usedAt, isHeld }) => usedAt < limit && !isHeld);
  for (const mirror of unused) await removeMirror(pass, mirror, `no build had it for ${unusedDays} days`);
  if (maxBytes === 0) return;
  const tooMuch = sum(listed) - pass.mirrors.removed.bytes - maxBytes;
  await freeMirrors(pass, tooMuch, 'all mirrors together are too large');
}

/** Removes the mirrors that were not used for longest until so many bytes are free; gives what it freed. */
export async function freeMirrors(pass: Pass, bytes: number, why: string): Promise<number> {
  let freed = 0;
  if (bytes <= 0) return freed;
  for (const mirror of await pass.room.sources.mirrors.list()) {
    if (freed >= bytes || isOver(pass)) break;
    if (!pass.goneMirrors.has(mirror.name)) freed += await removeMirror(pass, mirror, why);
  }
  return freed;
}

export function sum(mirrors: readonly MirrorUse[]): number {
  return mirrors.reduce((bytes, mirror) => bytes + mirror.bytes, 0);
}

/** Gives the bytes that it freed, or would. */
async function removeMirror(pass: Pass, mirror: MirrorUse, why: string): Promise<number> {
  const { name, url, usedAt, bytes, isHeld } = mirror;
  const item = { name, url, usedAt: Math.round(usedAt), bytes };
  pass.goneMirrors.add(name);
  if (isHeld || (!pass.isDryRun && !(await remove(pass, name)))) {
    pass.mirrors.left.add({ ...item, why: 'a build has it' });
    return 0;
  }
  pass.mirrors.removed.add({ ...item, why });
  return bytes;
}

function remove({ room }: Pass, name: string): Promise<boolean> {
  const signal = AbortSignal.any([AbortSignal.timeout(removalMs), room.closing.signal]);
  return room.sources.mirrors.remove(name, signal).catch((error: unknown) => {
    room.report.warn({ error, mirror: name }, 'a mirror that nobody uses could not be removed');
    return false;
  });
}
