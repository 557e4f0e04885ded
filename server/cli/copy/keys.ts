import { copyFileSync, chmodSync, constants, existsSync, readFileSync } from 'node:fs';
import { StartError } from '../../startError.ts';
import { type CopyPlace, keyIn } from './places.ts';

/**
 * Gives the data folder of a copy the key that secrets are sealed with; what a person has to do about it, in sentences,
 * where that is not all.
 */
export function copyKey(from: CopyPlace, to: CopyPlace): string {
  const file = keyFileOf(from);
  if (to.kind === 'postgres') return `${sameKey} ${forPostgres(file)}`;
  if (file === undefined) return `${sameKey} ${forFolder(keyIn(to.data))}`;
  const place = keyIn(to.data);
  if (!existsSync(place)) {
    copyFileSync(file, place, constants.COPYFILE_EXCL);
    chmodSync(place, 0o600);
  }
  return `The key of its secrets is ${place}.`;
}

const sameKey = 'Secrets are sealed: who serves the copy needs the key that they were sealed with.';

function forPostgres(file: string | undefined): string {
  const key =
    file === undefined
      ? 'the same DOCKER_BUILDER_SECRETKEY as now'
      : `DOCKER_BUILDER_SECRETKEY="$(cat ${file})"`;
  return `Give each server and worker ${key}.`;
}

function forFolder(place: string): string {
  return `Give it the same DOCKER_BUILDER_SECRETKEY as now, or put that into ${place} (mode 0600).`;
}

function keyFileOf(place: CopyPlace): string | undefined {
  if (place.kind === 'postgres') return undefined;
  const file = keyIn(place.data);
  return existsSync(file) ? file : undefined;
}

/** Throws a StartError where the data folder of the copy has another key. */
export function refuseOtherKey(from: CopyPlace, to: CopyPlace): void {
  const [one, other] = [keyFileOf(from), keyFileOf(to)];
  if (one === undefined || other === undefined) return;
  if (readFileSync(one, 'utf8').trim() !== readFileSync(other, 'utf8').trim())
    throw new StartError(`${other} is another key than ${one}: remove it, if nothing was sealed with it`);
}
