import type { KitOutcome } from '../../model/buildkit/kitStream.ts';
import type { CachePlan } from '../../model/imagePlan.ts';
import type { ImageOptions } from '../../model/spec.ts';

const limitNames = {
  memoryBytes: 'memory',
  memorySwapBytes: 'swap',
  cpus: 'CPU',
  shmBytes: 'shared memory',
} as const satisfies Partial<Record<keyof ImageOptions, string>>;

/** What to tell before the build: what was asked for and will not happen. */
export function noticesBefore(options: ImageOptions, cache: CachePlan, dockerfile: string): string[] {
  const limits = Object.entries(limitNames).flatMap(([option, name]) =>
    Object.hasOwn(options, option) ? [name] : [],
  );
  const frontend = /^#\s*syntax\s*=\s*(\S+)/im.exec(directives(dockerfile))?.[1];
  return [
    ...(limits.length > 0
      ? [`BuildKit ignores limits of a build (${limits.join(', ')}): its steps use what the engine has`]
      : []),
    ...(options.noCache && cache.from.length > 0
      ? [
          `nothing is taken from the cache of ${cache.from.join(', ')}, because the build is asked for without cache`,
        ]
      : []),
    ...(frontend === undefined
      ? []
      : [`the engine fetches ${frontend} from its registry, to read the Dockerfile with it`]),
  ];
}

/** The comments before everything else, where alone a directive counts. */
function directives(dockerfile: string): string {
  return /^(?:[ \t]*#.*(?:\r?\n|$))*/.exec(dockerfile)?.[0] ?? '';
}

/** What to tell after the build of a cache that did not serve it. */
export function noticesAfter({ imports, steps }: KitOutcome, cache: CachePlan, noCache: boolean): string[] {
  const failed = imports.filter(({ error }) => error !== '');
  const served = imports.length > failed.length;
  const runs = steps.filter(({ instruction }) => !/(?:^|\] )FROM\s/.test(instruction));
  const missed = served && !noCache && runs.length > 0 && runs.every(({ cached }) => !cached);
  return [
    ...failed.map(({ image, error }) => `there is no cache to be had from ${image}: ${error}`),
    ...(missed
      ? [
          `no step was in the cache of ${cache.from.join(', ')}; BuildKit finds one only in images that were built with their cache in them (cache.inline)`,
        ]
      : []),
  ];
}
