import type {
  ContainerDefinition,
  HttpDefinition,
  ImageDefinition,
  JobDefinition,
} from '../../../words/job.ts';
import type { Run } from '../../../words/run.ts';

/** Of a definition what says how the work is done. */
export type Work = Pick<JobDefinition, 'image' | 'container' | 'http'>;

export interface CommandRules {
  /** The address that the source of an image is cloned from; undefined where it is not allowed any more. */
  sourceUrl(image: ImageDefinition): string | undefined;
  /** Masks secrets. */
  redact(text: string): string;
}

const longest = 1000;
const hidden = '***';
const secretName = /pass|secret|token|key|credential|auth|private/i;

/**
 * What somebody would type to do the same by hand, as the arguments of `docker`, for an endpoint of `curl`. No secret
 * and no credential stands in it, and what is longer than 1000 characters is cut.
 */
export function commandOf(work: Work | undefined, run: Run, { sourceUrl, redact }: CommandRules): string {
  const { image, container, http } = work ?? {};
  const words = image
    ? buildWords(image, run, sourceUrl(image))
    : container
      ? runWords(container, run)
      : http
        ? curlWords(http)
        : [];
  const text = words.map((word) => quoted(redact(word))).join(' ');
  return text.length > longest ? text.slice(0, longest).toWellFormed() : text;
}

function buildWords(image: ImageDefinition, run: Run, url: string | undefined): string[] {
  const { dockerfile, repository, tags = [], context = '' } = image;
  const names = repository === undefined ? [] : tags.map((tag) => `${repository}:${tag}`);
  // A ref that is a branch goes on meanwhile: what was built is its commit.
  const ref = run.commit ?? run.ref;
  const folder = context === '' || context === '.' ? '' : `:${context}`;
  const place = url === undefined ? [] : [`${url}#${ref}${folder}`];
  return [
    'build',
    ...option('-f', dockerfile),
    ...(names.length === 0 && repository !== undefined ? [repository] : names).flatMap((name) =>
      option('-t', name),
    ),
    ...pairs('--build-arg', image.buildArgs),
    ...option('--target', image.target),
    ...limits(image),
    ...option('--network', image.networkMode),
    ...option('--platform', image.platforms?.join(',')),
    ...flag('--no-cache', image.noCache),
    ...flag('--pull', image.pull),
    ...place,
  ];
}

function runWords(container: ContainerDefinition, run: Run): string[] {
  const { image, entrypoint = [], command = [], tmpfs = {} } = container;
  const [program, ...rest] = entrypoint;
  const name = typeof image === 'string' ? image : `${run.project}/${image.job}`;
  return [
    'run',
    ...pairs('--env', container.env),
    ...option('--workdir', container.workingDir),
    ...option('--user', container.user),
    ...limits(container),
    ...option('--pids-limit', container.pidsLimit),
    ...option('--network', container.network),
    ...flag('--read-only', container.readOnly),
    ...Object.keys(tmpfs).flatMap((path) => option('--tmpfs', path)),
    ...option('--pull', container.pull),
    ...option('--entrypoint', program),
    name,
    ...rest,
    ...command,
  ];
}

function curlWords({ url, headers = {} }: HttpDefinition): string[] {
  const names = Object.keys(headers);
  return ['--request', 'POST', ...names.flatMap((name) => ['--header', `${name}: ${hidden}`]), bare(url)];
}

/** Without a credential; what a query says may be one. */
function bare(text: string): string {
  const url = URL.parse(text);
  if (!url) return '';
  url.username = '';
  url.password = '';
  url.hash = '';
  const names = [...url.searchParams.keys()];
  url.search = '';
  return names.length === 0 ? url.href : `${url.href}?${names.map((name) => `${name}=${hidden}`).join('&')}`;
}

function limits({ memoryBytes, cpus }: { memoryBytes?: number; cpus?: number }): string[] {
  return [...option('--memory', memoryBytes), ...option('--cpus', cpus)];
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined || value === '' || value === 0 ? [] : [name, String(value)];
}

function flag(name: string, isSet: boolean | undefined): string[] {
  return isSet === true ? [name] : [];
}

function pairs(name: string, values: Record<string, string> | undefined): string[] {
  return Object.entries(values ?? {}).flatMap(([key, value]) => [name, pair(key, value)]);
}

function pair(key: string, value: string): string {
  const isSecret = secretName.test(key) || value.startsWith('secret:');
  return `${key}=${isSecret ? hidden : value}`;
}

/** One word of a shell; what hides a secret needs no quotes. */
function quoted(word: string): string {
  return /^[\w@%+=:,./#-]+(?:=\*{3})?$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
