import { BuildFault } from './faults.ts';

export const sourceSchemes = ['http', 'https', 'ssh'] as const;
export type SourceScheme = (typeof sourceSchemes)[number];

/** A git server that may be asked. */
export interface AllowedSource {
  scheme: SourceScheme;
  /** Lower case, with the port where it is not the scheme's own: `git.example:8443`. */
  host: string;
}

/** An address of a repository, in its one normal form. */
export interface SourceAddress extends AllowedSource {
  url: string;
  /** `https://host:port`, with the user where ssh names one: credentials go only here. */
  origin: string;
  /** From the first `/` on, without one at the end; percent signs are kept as they are. */
  path: string;
}

const longestUrl = 2048;
const defaultPorts: Record<SourceScheme, string> = { http: '80', https: '443', ssh: '22' };
// Narrow on purpose: what is outside these characters is read differently by different programs.
const shape =
  /^(?<scheme>https?|ssh):\/\/(?:(?<user>[a-z0-9_][a-z0-9._-]*)@)?(?<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?<port>[0-9]{1,5}))?(?<path>\/[a-z0-9._~/+@=,()%-]+)$/i;
const placeholder = /\{(account|repo)\}/g;
const safeName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const longestName = 255;
const plainAddress = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads an address of a repository.
 * @throws BuildFault `source_refused` where it is not plain http, https or ssh, or carries a credential.
 */
export function parseSourceUrl(text: string): SourceAddress {
  const parts = text.length > longestUrl ? undefined : shape.exec(text)?.groups;
  const scheme = schemeOf(parts?.['scheme']?.toLowerCase());
  if (parts === undefined || scheme === undefined) throw refused(text);
  const path = (parts['path'] ?? '').replace(/\/+$/, '');
  if (path === '' || isAmbiguous(parts['name'] ?? '', path)) throw refused(text);
  const user = userOf(scheme, parts['user']);
  const host = hostOf(scheme, parts['name'] ?? '', parts['port']);
  const origin = `${scheme}://${user}${host}`;
  return { scheme, host, origin, path, url: origin + path };
}

/**
 * Reads an address and checks that its server is allowed.
 * @throws BuildFault `source_refused`
 */
export function checkSourceUrl(text: string, allowed: readonly AllowedSource[]): SourceAddress {
  const address = parseSourceUrl(text);
  if (!allowed.some((entry) => isSameServer(entry, address))) {
    throw new BuildFault(
      'source_refused',
      `Sources from ${address.scheme}://${address.host} are not allowed here. Allow its scheme and host in settings.json.`,
    );
  }
  return address;
}

/** Whether two addresses are of the same git server. */
export function isSameServer(one: AllowedSource, other: AllowedSource): boolean {
  return one.scheme === other.scheme && one.host.toLowerCase() === other.host;
}

/**
 * Puts account and repo into a template such as `https://github.com/{account}/{repo}.git`.
 * @throws BuildFault `source_refused` where a value could mean anything but a name.
 */
export function fillSourceTemplate(template: string, values: { account: string; repo: string }): string {
  if (!isSafeAccount(values.account)) throw badName('account');
  if (!isSafeRepo(values.repo)) throw badName('repo');
  return template.replace(placeholder, (_, name: string) =>
    name === 'account' ? values.account : values.repo,
  );
}

/**
 * The server that a template speaks of; a configured template allows it.
 * @throws BuildFault `source_refused` where the template is no address, or a placeholder stands before its path.
 */
export function templateServer(template: string): AllowedSource {
  const { scheme, host } = parseSourceUrl(template.replace(placeholder, 'name'));
  const server = /^[^:]+:\/\/[^/]*/.exec(template)?.[0] ?? '';
  if (server.includes('{')) throw refused(template);
  return { scheme, host };
}

/** An account, or groups with `/` between them. */
export function isSafeAccount(text: string): boolean {
  return text.length <= longestName && text.split('/').every(isSafeRepo);
}

/** One name of safe characters; it neither begins with `-` or `.` nor contains `..`. */
export function isSafeRepo(text: string): boolean {
  return text.length <= longestName && safeName.test(text) && !text.includes('..');
}

/**
 * The address that `.gitmodules` of a repository names: `./` and `../` are relative to the repository's own.
 * @throws BuildFault `source_refused` where it is no address, or climbs out of the server.
 */
export function submoduleUrl(parent: SourceAddress, text: string): string {
  if (!/^\.\.?\//.test(text)) return text;
  const path = parent.path.split('/').slice(1);
  for (const part of text.split('/')) {
    if (part === '..' && path.pop() === undefined) throw refused(text);
    if (part !== '..' && part !== '.' && part !== '') path.push(part);
  }
  return `${parent.origin}/${path.join('/')}`;
}

function schemeOf(text: string | undefined): SourceScheme | undefined {
  return sourceSchemes.find((scheme) => scheme === text);
}

function hostOf(scheme: SourceScheme, name: string, port: string | undefined): string {
  const number = port === undefined ? defaultPorts[scheme] : String(Number(port));
  return name.toLowerCase() + (number === defaultPorts[scheme] ? '' : `:${number}`);
}

/** ssh needs a user to find the repository; elsewhere one in the address is half a credential. */
function userOf(scheme: SourceScheme, user: string | undefined): string {
  if (user === undefined) return '';
  if (scheme === 'ssh') return `${user}@`;
  throw new BuildFault(
    'source_refused',
    'The address of the source carries a user. Give a credential apart.',
  );
}

/** `80` and `0x7f.1` are addresses to some programs and names to others; four plain numbers are the same to all. */
function isAmbiguous(host: string, path: string): boolean {
  const isNumeric = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(host);
  return hasDotSegment(path) || (isNumeric && !plainAddress.test(host));
}

function hasDotSegment(path: string): boolean {
  return path.split('/').some((segment) => segment === '.' || segment === '..');
}

function refused(text: string): BuildFault {
  const scheme = /^[a-z]{1,10}(?=:)/i.exec(text)?.[0];
  const hint =
    scheme === undefined || schemeOf(scheme.toLowerCase()) !== undefined ? '' : ` (this one: ${scheme})`;
  return new BuildFault(
    'source_refused',
    `The address of the source is not allowed: only plain http, https and ssh addresses are${hint}.`,
  );
}

function badName(field: string): BuildFault {
  return new BuildFault(
    'source_refused',
    `The ${field} is not a valid name: letters, digits, ".", "_" and "-" are, and no "." or "-" at its beginning.`,
  );
}
