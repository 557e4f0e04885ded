import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What SQLite says where somebody else has the lock. */
const sqliteBusy = 5;

/**
 * Holds the folder for this process until it is closed or the process dies in any way. An open exclusive transaction
 * does it: the operating system frees its lock on the file together with the process, so that nothing stale can stay.
 *
 * @throws Error with a sentence for a person where another process holds the folder
 */
export function lockFolder(folder: string): { close(): void } {
  const file = join(folder, 'store.lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    throw new Error(sentence(folder, cause), { cause });
  }
}

function sentence(folder: string, cause: unknown): string {
  if (cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy)
    return `the data folder ${folder} is in use by another docker-builder: stop that one, or set DOCKER_BUILDER_DATA to another folder`;
  return `the data folder ${folder} cannot be locked: ${cause instanceof Error ? cause.message : String(cause)}`;
}
