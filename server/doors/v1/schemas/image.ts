import { isIP } from 'node:net';
import { z } from 'zod';
import { isSafeRef } from '../../../../builder/model/gitRef.ts';
import { isSafeAccount, isSafeRepo } from '../../../../builder/model/sourceUrl.ts';
import { builderFields, destination, sourcePath } from './imageFields.ts';

const mostBuildArgs = 100;

const source = z.object({
  account: z
    .string()
    .refine(isSafeAccount, 'image.source.account is no name of an account')
    .optional()
    .meta({ description: 'Names the image, and fills {account} in the address of the git server.' }),
  repo: z
    .string()
    .refine(isSafeRepo, 'image.source.repo is no name of a repository')
    .optional()
    .meta({ description: 'Names the image, and fills {repo} in the address of the git server.' }),
  url: z
    .string()
    .max(2048)
    .optional()
    .meta({ description: 'The address of the repository; its server must be one that the settings allow.' }),
  ref: z
    .string()
    .refine((ref) => ref === '' || isSafeRef(ref), 'image.source.ref is no name of a branch, tag or commit')
    .optional()
    .meta({ description: 'The branch, tag or commit that is built where a trigger names none.' }),
});

const buildArgs = z
  .record(z.string(), z.string())
  .refine((given) => Object.keys(given).length <= mostBuildArgs, `too many build_args (max ${mostBuildArgs})`)
  .refine(
    (given) => Object.keys(given).every((name) => /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)),
    'names of build_args are made of letters, digits and _',
  )
  .refine(
    (given) => !Object.values(given).some((value) => value.startsWith('secret:')),
    'build_args must not be secrets, which would stay in the image: use image.secrets and RUN --mount=type=secret',
  );

const extraHost = z.string().refine((text) => {
  const [, name = '', address = ''] = /^([A-Za-z0-9.-]{1,253}):(.+)$/.exec(text) ?? [];
  return name !== '' && (isIP(address) !== 0 || address === 'host-gateway');
}, 'extra_hosts must be of the form name:address');

/** How an image is made. */
export const image = z
  .object({
    source: source.meta({ description: 'Where the tree to build comes from.' }),
    bobfile: sourcePath('image.bobfile').meta({
      description:
        'The file of the source that says what is built; where absent it is "Bobfile" if the source has one and this job says neither Dockerfile, context, target, build_args nor repository.',
    }),
    dockerfile: sourcePath('image.dockerfile').meta({
      description: 'Path of the Dockerfile; where absent it is "Dockerfile" in the context.',
    }),
    context: sourcePath('image.context').meta({
      description: 'The folder of the source that is the context; the whole where absent.',
    }),
    target: z.string().max(255).meta({ description: 'The stage to build.' }),
    build_args: buildArgs.meta({ description: 'Values of ARG.' }),
    ...destination,
    ...builderFields,
    no_cache: z.boolean().meta({ description: 'Build every step again.' }),
    pull: z.boolean().meta({ description: 'Ask the registry for newer base images.' }),
    memory_bytes: z
      .int()
      .min(0)
      .meta({ description: 'Memory that RUN may use; at most what the settings allow.' }),
    cpus: z
      .number()
      .min(0)
      .max(1024)
      .meta({ description: 'Cores, e.g. 1.5; at most what the settings allow.' }),
    network_mode: z.enum(['bridge', 'none']).meta({ description: 'The network of RUN.' }),
    extra_hosts: z.array(extraHost).max(100).meta({ description: 'name:address each.' }),
    submodules: z.boolean().meta({ description: 'Fetch the submodules, under the same rules.' }),
    lfs: z.boolean().meta({ description: 'Fetch the files of Git LFS.' }),
  })
  .partial()
  .meta({ description: 'Makes the job build an image.' });

export type ImageBody = z.output<typeof image>;
