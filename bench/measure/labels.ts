import { randomUUID } from 'node:crypto';
import type { JobView } from '../../test/fixtures/jobs.ts';

/** The labels of an image of ours; those that differ from build to build do so here too. */
export function labelsLike({ image }: JobView): Record<string, string> {
  return {
    ...image?.labels,
    'docker-builder.attempt': randomUUID(),
    'org.opencontainers.image.created': new Date().toISOString(),
  };
}
