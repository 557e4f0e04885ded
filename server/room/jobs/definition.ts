import type {
  ContainerDefinition,
  HttpDefinition,
  ImageDefinition,
  Job,
  JobDefinition,
} from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { ownDockerfile } from '../imageSpec.ts';

/** What is to be set in a definition. Fields that are absent stay; an empty one (0, '', [] or {}) goes away. */
export interface DefinitionWish extends Partial<Omit<JobDefinition, 'image' | 'container' | 'http'>> {
  image?: Partial<ImageDefinition>;
  container?: ContainerWish;
  http?: Partial<HttpDefinition>;
}

/** An empty image, user, network, path or result is the same as none. */
export interface ContainerWish extends Partial<Omit<ContainerDefinition, 'credentials' | 'result'>> {
  credentials?: Partial<NonNullable<ContainerDefinition['credentials']>>;
  result?: ContainerDefinition['result'] | '';
}

/** The usual of HTTP jobs; that of others is the configuration's. */
const httpLimits = { maxAttempts: 3, timeoutSecs: 300 };

/** A definition is read with each claim. */
const mostCharacters = 256 * 1024;

/**
 * A definition as it is after a wish was granted.
 *
 * @throws Problem `validation_error` where the whole makes no sense
 */
export function mergeDefinition(
  kind: Job['kind'],
  before: JobDefinition,
  { image, container, http, ...wish }: DefinitionWish,
): JobDefinition {
  const none = { image: undefined, container: undefined, http: undefined };
  const plain: JobDefinition = withoutEmpty({ ...before, ...wish, ...none });
  const after: JobDefinition = {
    ...(kind === 'http' && httpLimits),
    ...plain,
    ...(kind === 'image' && { image: mergeImage(before.image, image) }),
    ...(kind === 'container' && { container: mergeContainer(before.container, container) }),
    ...(kind === 'http' && { http: mergeHttp(before.http, http) }),
  };
  refuseContradictions(after);
  return after;
}

function mergeImage(
  before: ImageDefinition | undefined,
  wish: Partial<ImageDefinition> = {},
): ImageDefinition {
  const { source = before?.source, ...rest } = { ...before, ...wish };
  if (!source)
    throw new Problem('validation_error', 'image.source needs account and repo, or url', {
      field: 'image.source',
    });
  return { dockerfile: 'Dockerfile', ...withoutEmpty(rest), source };
}

function mergeContainer(
  before: ContainerDefinition | undefined,
  wish: ContainerWish = {},
): ContainerDefinition {
  const { image = '', credentials, result, ...rest } = { ...before, ...wish };
  if (image === '')
    throw new Problem('validation_error', 'container.image is required', { field: 'container.image' });
  const { username, password } = credentials ?? {};
  return {
    ...withoutEmpty(rest),
    image,
    ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    ...(result && { result }),
  };
}

function mergeHttp(before: HttpDefinition | undefined, wish: Partial<HttpDefinition> = {}): HttpDefinition {
  const { url = '', ...rest } = { ...before, ...wish };
  if (url === '')
    throw new Problem('validation_error', 'endpoint_url is required', { field: 'endpoint_url' });
  return { ...withoutEmpty(rest), url };
}

function refuseContradictions(definition: JobDefinition): void {
  const { image, container, rateLimitMax, rateLimitWindowSecs } = definition;
  if (image) refuseImageContradictions(image);
  if (container) refuseContainerContradictions(container);
  if (rateLimitMax !== undefined && rateLimitWindowSecs === undefined)
    throw new Problem('validation_error', 'rate_limit_window_secs is required where rate_limit_max is set', {
      field: 'rate_limit_window_secs',
    });
  if (JSON.stringify(definition).length > mostCharacters)
    throw new Problem('validation_error', `the job is too large (max ${mostCharacters} characters)`);
}

/** A Bobfile says itself what these would say; and the classic builder has no secrets, ssh and inline cache. */
function refuseImageContradictions(image: ImageDefinition): void {
  const { bobfile, context, target, buildArgs, repository } = image;
  const others = { dockerfile: ownDockerfile(image), context, target, build_args: buildArgs, repository };
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (bobfile !== undefined && other !== undefined)
    throw new Problem('validation_error', `give image.bobfile or image.${other}: a Bobfile says it itself`, {
      field: 'image.bobfile',
    });
  const needsBuildKit = image.secrets ?? image.ssh ?? image.cacheTo ?? (image.cacheInline || undefined);
  if (image.builder === 'classic' && needsBuildKit !== undefined)
    throw new Problem(
      'validation_error',
      'image.builder must be buildkit or auto: the classic builder has no secrets, ssh and inline cache',
      { field: 'image.builder' },
    );
}

/** What no registry can be asked for. */
function refuseContainerContradictions({ image, pull }: ContainerDefinition): void {
  if (pull === 'always' && typeof image === 'string' && image.startsWith('sha256:'))
    throw new Problem(
      'validation_error',
      'container.pull must not be always: no registry knows the id of an image',
      {
        field: 'container.pull',
      },
    );
}

function withoutEmpty<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const filled = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(filled) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** false is no empty value: it says something. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
