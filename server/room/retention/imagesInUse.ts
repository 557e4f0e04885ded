import type { OurImage } from '../../../builder/steps/engine/gc/inventory.ts';
import { familiar } from '../../../builder/steps/engine/ourImages.ts';
import type { RememberedImage } from '../../store/contract/retention.ts';
import type { Attempt } from '../../words/run.ts';
import type { Room } from '../room.ts';

export interface UseFacts {
  engine: string;
  remembered: readonly RememberedImage[];
  /** Attempts that ran when it was asked, or a moment before. */
  running: readonly Attempt[];
  /** Keys of the runs that are gone, or in a dry run would be, with what they say of their images. */
  goneRuns: ReadonlySet<number>;
}

/** Says why an image must stay; undefined where no job and no build under way needs it. */
export function createKeep(
  { housekeeping, store }: Pick<Room, 'housekeeping' | 'store'>,
  { engine, remembered, running, goneRuns }: UseFacts,
): (image: OurImage) => string | undefined {
  const stay = remembered.filter(
    ({ isNewest, runKey }) => isNewest && (runKey === null || !goneRuns.has(runKey)),
  );
  const newest = new Set(stay.map(({ attemptId }) => attemptId));
  const underWay = new Set(running.map(({ id }) => id));
  const bases = new Set<string>();
  for (const names of housekeeping.bases.values()) for (const name of names) bases.add(name);
  // What another process builds on the same engine may begin with any image that has a name.
  const isShared = running.some(
    (attempt) =>
      attempt.engine === engine && !housekeeping.bases.has(attempt.id) && store.shared !== undefined,
  );
  return (image) => {
    if (image.attempt !== undefined && underWay.has(image.attempt)) return 'its build is under way';
    if (image.attempt !== undefined && newest.has(image.attempt)) return 'its job built nothing newer';
    const isNamed = image.names.length + image.foreignNames.length > 0;
    if ((isShared && isNamed) || [...bases].some((name) => isOf(name, image)))
      return 'a build under way begins with it';
    return undefined;
  };
}

/** Whether a name of a Dockerfile may mean an image: by its id, its name, or any digest that its repository had. */
function isOf(name: string, { id, names, foreignNames }: OurImage): boolean {
  if (name.startsWith('sha256:')) return id.startsWith(name);
  const [place = '', digest] = name.split('@');
  const wanted = familiar(place);
  return [...names, ...foreignNames].some((one) =>
    digest === undefined ? one === withTag(wanted) : repositoryOf(one) === repositoryOf(withTag(wanted)),
  );
}

function withTag(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}

function repositoryOf(name: string): string {
  return name.replace(/:[^/:]*$/, '');
}
