import { secretNameIn } from '../../../../builder/model/secretName.ts';
import { treePath } from '../../../../builder/model/treePath.ts';
import type { ImageDefinition } from '../../../words/job.ts';
import type { ImageBody } from '../schemas/image.ts';

/** Fields that are the same on both sides but for their names. */
const sameFields = [
  ['target', 'target'],
  ['build_args', 'buildArgs'],
  ['repository', 'repository'],
  ['tags', 'tags'],
  ['push', 'push'],
  ['builder', 'builder'],
  ['platforms', 'platforms'],
  ['labels', 'labels'],
  ['cache_from', 'cacheFrom'],
  ['cache_to', 'cacheTo'],
  ['cache_inline', 'cacheInline'],
  ['no_cache', 'noCache'],
  ['pull', 'pull'],
  ['memory_bytes', 'memoryBytes'],
  ['cpus', 'cpus'],
  ['network_mode', 'networkMode'],
  ['extra_hosts', 'extraHosts'],
  ['submodules', 'submodules'],
  ['lfs', 'lfs'],
] as const satisfies readonly (readonly [keyof ImageBody, keyof ImageDefinition])[];

const paths = ['bobfile', 'dockerfile', 'context'] as const;

type Options = Partial<Omit<ImageDefinition, 'source' | 'url' | 'ref'>>;

/** What a request wants of an image, its source apart: paths in their normal form, secrets by their bare names. */
export function optionsOf(body: ImageBody): Options {
  const { secrets, ssh } = body;
  const same = sameFields.flatMap(([wire, field]) =>
    body[wire] === undefined ? [] : [[field, body[wire]] as const],
  );
  const found = paths.flatMap((field) =>
    body[field] === undefined ? [] : [[field, treePath(body[field]) ?? ''] as const],
  );
  const named = Object.entries(secrets ?? {}).map(([id, text]) => [id, secretNameIn(text) ?? '']);
  return {
    ...Object.fromEntries([...same, ...found]),
    ...(secrets && { secrets: Object.fromEntries(named) as Record<string, string> }),
    ...(ssh !== undefined && { ssh: secretNameIn(ssh) ?? '' }),
  };
}

/** The same as a job shows it. */
export function optionsJson(options: Options): object {
  const { secrets, ssh } = options;
  const named = Object.entries(secrets ?? {}).map(([id, name]): [string, unknown] => [id, `secret:${name}`]);
  const shown: [string, unknown][] = [
    ...paths.map((field): [string, unknown] => [field, options[field]]),
    ...sameFields.map(([wire, field]): [string, unknown] => [wire, options[field]]),
    ['secrets', secrets && Object.fromEntries(named)],
    ['ssh', ssh === undefined ? undefined : `secret:${ssh}`],
  ];
  return Object.fromEntries(shown);
}
