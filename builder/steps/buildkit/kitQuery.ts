import type { CachePlan } from '../../model/imagePlan.ts';
import type { ImageOptions } from '../../model/spec.ts';
import { commonQuery } from '../engine/buildQuery.ts';
import type { Query } from '../engine/transport.ts';

export interface KitQueryInput {
  session: string;
  /** Name of the Dockerfile in its own folder. */
  dockerfile: string;
  tags: readonly string[];
  labels: Readonly<Record<string, string>>;
  cache: CachePlan;
  options: ImageOptions;
  platforms: readonly string[];
}

/** The query of `POST /build` for BuildKit. Labels are free here: they go into the image's config and make no layer. */
export function kitQuery({
  session,
  dockerfile,
  tags,
  labels,
  cache,
  options,
  platforms,
}: KitQueryInput): Query {
  const inline = cache.inline && { BUILDKIT_INLINE_CACHE: '1' };
  return {
    version: 2,
    remote: 'client-session',
    session,
    buildid: session,
    dockerfile,
    t: tags,
    ...commonQuery({
      ...options,
      labels: { ...options.labels, ...labels },
      buildArgs: { ...options.buildArgs, ...inline },
    }),
    ...(cache.from.length > 0 && { cachefrom: JSON.stringify(cache.from) }),
    ...(platforms.length > 0 && { platform: platforms.join(',') }),
  };
}
