import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What SQLite says where somebody else has the lock. */
const sqliteBusy = 5;

/** Where a store is that has a folder, or is a file by itself. */
export interface StoreFiles {
  folder: string;
  file: string;
  /** Whoever opens the file by either way asks for the same lock. */
  lock: string;
  /** How a person knows it, and what to change where it is in use. */
  name: string;
  remedy: string;
}

/** `x.sqlite`, `x.sqlite3` and `x.db` are files, everything else is a folder. */
export function filesOf(place: string): StoreFiles {
  const stem = /^(.+)\.(?:sqlite3?|db)$/i.exec(place)?.[1];
  if (stem === undefined)
    return {
      folder: place,
      file: join(place, 'store.sqlite'),
      lock: join(place, 'store.lock'),
      name: `the data folder ${place}`,
      remedy: 'set DOCKER_BUILDER_DATA to another folder',
    };
  return {
    folder: dirname(place),
    file: place,
    lock: `${stem}.lock`,
    name: `the store ${place}`,
    remedy: 'set DOCKER_BUILDER_DATABASE to another file',
  };
}

/**
 * Holds it for this process until it is closed or the process dies in any way. An open exclusive transaction does it:
 * the operating system frees its lock on the file together with the process, so that nothing stale can stay.
 *
 * @throws Error with a sentence for a person where another process holds it
 */
export function lockStore({ lock, name, remedy }: StoreFiles): { close(): void } {
  let held: DatabaseSync | undefined;
  try {
    held = new DatabaseSync(lock, { timeout: 0 });
    held.exec('BEGIN EXCLUSIVE');
    return held;
  } catch (cause) {
    held?.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy)
      throw new Error(`${name} is in use by another docker-builder: stop that one, or ${remedy}`, { cause });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} cannot be locked: ${why}`, { cause });
  }
}
