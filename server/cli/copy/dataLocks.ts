import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { filesOf, lockStore } from '../../store/lock.ts';
import type { CopyPlace } from './places.ts';

/** Holds the data folders of SQLite files that are elsewhere: their logs are theirs. Makes that of the copy. */
export function lockData(from: CopyPlace, to: CopyPlace): { close(): void } {
  const held: { close(): void }[] = [];
  const close = () => held.forEach((lock) => lock.close());
  const locked = new Set([from, to].flatMap((place) => (place.kind === 'sqlite' ? lockOf(place.place) : [])));
  if (to.kind === 'sqlite') mkdirSync(to.data, { recursive: true, mode: 0o700 });
  try {
    for (const place of [from, to]) {
      if (place.kind !== 'sqlite' || !existsSync(place.data) || locked.has(lockOf(place.data))) continue;
      held.push(lockStore(filesOf(place.data)));
      locked.add(lockOf(place.data));
    }
    return { close };
  } catch (error) {
    close();
    throw error;
  }
}

function lockOf(place: string): string {
  return resolve(filesOf(place).lock);
}
