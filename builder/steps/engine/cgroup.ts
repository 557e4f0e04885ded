import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mark } from '../../model/spec.ts';
import type { EngineInfo } from './engineInfo.ts';

const root = '/sys/fs/cgroup';

/**
 * The control group that RUN containers of an attempt live in: the only mark that a classic build can put on them.
 * Undefined where the engine has no control groups.
 */
export function cgroupParent(
  { store, attempt }: Mark,
  driver: EngineInfo['cgroupDriver'],
): string | undefined {
  if (driver === 'cgroupfs') return `/docker-builder/${store}/${attempt}`;
  // In the name of a slice each "-" is a level below the one before it.
  if (driver === 'systemd') return `dockerbuilder-${compact(store)}-${compact(attempt)}.slice`;
  return undefined;
}

/** The attempt that a container's control group names; undefined where it is not one of this store's. */
export function attemptOfCgroup(parent: string, store: string): string | undefined {
  const folder = `/docker-builder/${store}/`;
  if (parent.startsWith(folder)) return parent.slice(folder.length);
  const slice = `dockerbuilder-${compact(store)}-`;
  if (!parent.startsWith(slice) || !parent.endsWith('.slice')) return undefined;
  return dashed(parent.slice(slice.length, -'.slice'.length));
}

/** Removes the attempt's empty control groups from this machine; nothing happens where there are none. */
export async function removeCgroups({ store, attempt }: Mark): Promise<void> {
  const controllers = await readdir(root).catch(() => []);
  const folders = ['', ...controllers].map((name) => join(root, name, 'docker-builder', store, attempt));
  // One that is in use or not there is refused by the kernel.
  await Promise.all(folders.map((folder) => rmdir(folder).catch(() => undefined)));
}

function compact(uuid: string): string {
  return uuid.replaceAll('-', '');
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
