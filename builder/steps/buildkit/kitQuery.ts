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
  /**
   * Of a build whose caches nobody else may use: where `RUN --mount=type=cache` has its folders, and no inline cache.
   * Absent: among those of all.
   */
  cacheSpace?: string;
}

/** The query of `POST /build` for BuildKit. Labels are free here: they go into the image's config and make no layer. */
export function kitQuery({
  session,
  dockerfile,
  tags,
  labels,
  cache,
  options,
  cacheSpace,
}: KitQueryInput): Query {
  const inline = cache.inline && { BUILDKIT_INLINE_CACHE: '1' };
  const space = cacheSpace !== undefined && {
    BUILDKIT_CACHE_MOUNT_NS: cacheSpace,
    BUILDKIT_INLINE_CACHE: '0',
  };
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
      buildArgs: { ...options.buildArgs, ...inline, ...space },
    }),
    ...(cache.from.length > 0 && { cachefrom: JSON.stringify(cache.from) }),
  };
}
