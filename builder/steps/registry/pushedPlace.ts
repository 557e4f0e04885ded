import { BuildFault } from '../../model/faults.ts';
import { type ImageReference, parseImageReference } from '../../model/imageReference.ts';

/** Where a name without a tag is pushed to. A BuildFault `build_invalid` where it, or a tag, is none. */
export function pushedPlace(repository: string, tags: readonly string[]): ImageReference {
  const place = parseImageReference(repository);
  const isPlain = place?.name === repository;
  const wrong = isPlain ? tags.find((tag) => parseImageReference(`${repository}:${tag}`)?.tag !== tag) : '';
  if (place && wrong === undefined && tags.length > 0) return place;
  const name = isPlain && tags.length > 0 ? `${repository}:${wrong}` : repository;
  throw new BuildFault('build_invalid', `${name} is no name that an image can be pushed by`, {
    phase: 'push',
  });
}
