import { z } from 'zod';
import { builders } from '../../../../builder/model/imagePlan.ts';
import { dockerHub, parseImageReference } from '../../../../builder/model/imageReference.ts';
import { labelNameProblem } from '../../../../builder/model/labelName.ts';
import { isPlatform } from '../../../../builder/model/platform.ts';
import { isSecretId, secretNameIn } from '../../../../builder/model/secretName.ts';
import { shown } from '../../../../builder/model/shown.ts';
import { tagTemplateProblem } from '../../../../builder/model/tagTemplate.ts';
import { treePath } from '../../../../builder/model/treePath.ts';
import { isPlain } from '../project.ts';

const mostEntries = 100;
const mostPlatforms = 20;

/** A path that stays in the source. */
export function sourcePath(field: string) {
  return z
    .string()
    .max(4096)
    .refine(isPlain, `${field} must not contain characters of control`)
    .refine(
      (path) => !path.startsWith('/') && treePath(path) !== undefined,
      `${field} must be a path inside of the repository, without "..", ".git" or a "/" at its beginning`,
    );
}

/** What is written in place of a secret's name may be the secret itself, so no sentence shows it. */
const secret = (field: string) =>
  z
    .string()
    .refine(
      (text) => text === '' || secretNameIn(text) !== undefined,
      `${field} must be "secret:<name>", the name of a secret in settings.json`,
    );

const repository = z.string().superRefine((name, context) => {
  const problem = name === '' ? undefined : repositoryProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `image.repository ${problem}` });
});

function repositoryProblem(name: string): string | undefined {
  // An address may hold a password, which must not be told.
  if (name.includes('@') || name.includes('://'))
    return 'must be without a scheme, a user and a digest, such as quay.io/acme/app';
  const read = parseImageReference(name);
  if (read?.name !== name)
    return `${shown(name)} must be the name of an image without a tag, such as quay.io/acme/app`;
  if (read.host === dockerHub && read.path.startsWith('library/'))
    return `${shown(name)} is the name of one of Docker's own images: give it a registry or an account`;
  return undefined;
}

const tag = z.string().superRefine((template, context) => {
  const problem = tagTemplateProblem(template);
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: `image.tags: ${shown(template)} ${problem}` });
});

const platform = z.string().superRefine((text, context) => {
  if (!isPlatform(text))
    context.addIssue({
      code: 'custom',
      message: `image.platforms: ${shown(text)} must be os/arch or os/arch/variant, such as linux/arm64`,
    });
});

const labels = z.record(z.string(), z.string()).superRefine((given, context) => {
  const say = (message: string): void => context.addIssue({ code: 'custom', message });
  const names = Object.keys(given);
  if (names.length > mostEntries) say(`too many image.labels (max ${mostEntries})`);
  for (const name of names) {
    const problem = labelNameProblem(name);
    if (problem !== undefined) say(`image.labels: ${shown(name)} ${problem}`);
  }
});

const secrets = z
  .record(z.string(), secret('image.secrets: each value'))
  .refine((given) => Object.keys(given).length <= mostEntries, `too many image.secrets (max ${mostEntries})`)
  .refine(
    (given) => Object.keys(given).every(isSecretId),
    'image.secrets: ids are made of letters, digits, "_", "." and "-"',
  )
  .refine((given) => !Object.values(given).includes(''), 'image.secrets: a value is empty');

const cacheImages = (field: string) =>
  z
    .array(
      z.string().superRefine((text, context) => {
        if (!parseImageReference(text))
          context.addIssue({
            code: 'custom',
            message: `${field}: ${shown(text)} must be an image, such as quay.io/acme/app:latest`,
          });
      }),
    )
    .max(mostEntries);

/** What the image is called, and whether it goes there. */
export const destination = {
  repository: repository.meta({
    description:
      "The image's name without a tag, such as quay.io/acme/app; without it the image stays on the engine.",
  }),
  tags: z.array(tag).max(mostEntries).meta({
    description:
      'May hold {{ sha }}, {{ branch }}, {{ tag }} and {{ date "2006-01-02" }}; where absent they are the short commit and the branch.',
  }),
  push: z
    .boolean()
    .meta({ description: 'Whether it goes to the registry of repository; true where absent.' }),
  labels: labels.meta({ description: 'Of the image, beside those that say where it came from.' }),
};

/** How it is built. */
export const builderFields = {
  builder: z
    .enum(builders)
    .meta({ description: 'auto, also where absent, is BuildKit where the Dockerfile needs it.' }),
  platforms: z.array(platform).max(mostPlatforms).meta({ description: 'os/arch or os/arch/variant each.' }),
  secrets: secrets.meta({
    description: 'By the ids that RUN --mount=type=secret knows them by: "secret:<name>" each.',
  }),
  ssh: secret('image.ssh').meta({
    description: '"secret:<name>" of a private key, for RUN --mount=type=ssh.',
  }),
  cache_from: cacheImages('image.cache_from').meta({ description: 'Images whose layers may be used.' }),
  cache_to: cacheImages('image.cache_to').meta({
    description: 'Names that the image is pushed under besides its own, with its cache in it (BuildKit).',
  }),
  cache_inline: z.boolean().meta({ description: 'Whether the image carries its own cache (BuildKit).' }),
};
