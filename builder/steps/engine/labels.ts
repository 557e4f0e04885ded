import type { Mark } from '../../model/spec.ts';

export const storeLabel = 'docker-builder.store';
export const attemptLabel = 'docker-builder.attempt';
/** The names that an image was given by its build; only BuildKit's images need it, which have no history of labels. */
export const tagsLabel = 'docker-builder.tags';

/** The name of an attempt's own container, which no other has: nobody makes two for one attempt. */
export function containerName({ attempt }: Pick<Mark, 'attempt'>): string {
  return `docker-builder-${attempt}`;
}

/** The labels that say whose an image or a container is. */
export function markLabels({ store, attempt }: Mark): Record<string, string> {
  return { [storeLabel]: store, [attemptLabel]: attempt };
}
