import type { Mark } from '../../model/spec.ts';

export const storeLabel = 'docker-builder.store';
export const attemptLabel = 'docker-builder.attempt';

/** The labels that say whose an image or a container is. */
export function markLabels({ store, attempt }: Mark): Record<string, string> {
  return { [storeLabel]: store, [attemptLabel]: attempt };
}
