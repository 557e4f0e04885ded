import { asList, asNumber, asText, asTexts } from './answers.ts';
import { attemptLabel, tagsLabel } from './labels.ts';

/** An image that carries the labels of an attempt: made by it, or made of what it made. */
export interface MarkedImage {
  id: string;
  /** As the engine writes them. */
  names: readonly string[];
  /** The names that its build gave it; undefined where no build with BuildKit made it or what it is made of. */
  given: string | undefined;
  /** Newest first. */
  history: readonly HistoryEntry[];
}

export interface HistoryEntry {
  /** `<missing>` where the engine knows no image that ends there. */
  id: string;
  instruction: string;
  created: unknown;
  /** Of the layer that it made; 0 where it made none. */
  bytes: number;
}

/** Reads an entry of `/images/json`, and `/images/…/history` of the same image. */
export function markedImage(
  image: Record<string, unknown>,
  history: readonly Record<string, unknown>[],
): MarkedImage {
  return {
    id: asText(image['Id']),
    names: asList(image['RepoTags'])
      .map(asText)
      .filter((name) => name !== '<none>:<none>'),
    given: asTexts(image['Labels'])[tagsLabel],
    history: history.map((entry) => ({
      id: asText(entry['Id']),
      instruction: asText(entry['CreatedBy']),
      created: entry['Created'],
      bytes: asNumber(entry['Size']),
    })),
  };
}

/**
 * The ids of the images that an attempt itself made, those first that are made of others. An image built FROM ours
 * inherits its labels. The classic builder leaves a mark that is not inherited: the newest instruction of its image is
 * the one that sets the labels. BuildKit sets them without an instruction; its image is ours where it still has a name
 * that the build gave it, or lost all, and is not made of another one with the same names given.
 */
export function imagesOfAttempt(images: readonly MarkedImage[], attempt: string): string[] {
  const ours = images.filter(
    (image) =>
      endsWithMark(image, attempt) ||
      (hasGivenName(image) && !images.some((other) => other.given === image.given && isMadeOf(image, other))),
  );
  return ours.toSorted((a, b) => b.history.length - a.history.length).map(({ id }) => id);
}

function endsWithMark({ history: [newest] }: MarkedImage, attempt: string): boolean {
  const instruction = newest?.instruction ?? '';
  return (
    /^(\/bin\/sh -c #\(nop\)\s+)?LABEL\s/.test(instruction) &&
    instruction.includes(`${attemptLabel}=${attempt}`)
  );
}

function hasGivenName({ names, given }: MarkedImage): boolean {
  if (given === undefined) return false;
  const known = new Set(given.split(' ').map(familiar));
  return names.length === 0 || names.some((name) => known.has(familiar(name)));
}

/** The engine leaves out what every name of Docker Hub begins with. */
export function familiar(name: string): string {
  return name.replace(/^(?:index\.)?docker\.io\/(?:library\/)?/, '');
}

/** Whether one image's history ends with the whole of the other's. */
export function isMadeOf(image: MarkedImage, other: MarkedImage): boolean {
  const more = image.history.length - other.history.length;
  return (
    more > 0 &&
    other.history.every(({ instruction, created }, i) => {
      const same = image.history[i + more];
      return same?.instruction === instruction && same.created === created;
    })
  );
}
